#!/bin/sh
# A package that is installed in an image must not start its service.
exit 101
