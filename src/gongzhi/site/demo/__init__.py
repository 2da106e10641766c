"""The demonstration: two offices whose reports really go through the pipeline, with sign-ins known to all."""

from gongzhi.site.demo.preparing import announce, prepare, reset

__all__ = ["announce", "prepare", "reset"]
