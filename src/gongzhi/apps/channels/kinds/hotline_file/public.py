"""All that others may use of this kind of channel."""

from gongzhi.apps.channels.kinds.hotline_file.importing import MappingError, import_file, mappings
from gongzhi.apps.channels.kinds.hotline_file.tables import TableError

__all__ = ["MappingError", "TableError", "import_file", "mappings"]
