"""`config/profile.toml`: what a customer's profile says of their worth."""

from streamproc.config_file import Table
from streamproc.customer.rfm import DEFAULT_RFM, RfmSettings


class ProfileSettings(Table):
    """The file; what it does not say is as in the file that is shipped."""

    rfm: RfmSettings = DEFAULT_RFM


DEFAULT_PROFILE = ProfileSettings()
