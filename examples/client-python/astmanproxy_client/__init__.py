"""A client of astmanproxy for asyncio, over AMI. README.md is its manual."""

from .client import AmiError, Client
from .message import Message

__all__ = ["AmiError", "Client", "Message"]
