"""python3 -m ai_ml"""

import asyncio
import os
import sys

from ai_ml.app import create_app
from ai_ml.config import SERVICE, ConfigurationError, read_config
from ai_ml.log import create_logger, fields
from ai_ml.server import serve


def main() -> int:
    try:
        config = read_config(os.environ)
    except ConfigurationError as error:
        log = create_logger(SERVICE, "unknown")
        log.critical("the configuration is wrong; not starting", extra=fields(problems=error.problems))
        return 1
    log = create_logger(SERVICE, config.version)
    return asyncio.run(serve(create_app(config, log), config, log))


sys.exit(main())
