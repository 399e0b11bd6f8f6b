"""Summaries for DocuThinker."""
