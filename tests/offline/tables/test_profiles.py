"""Profiles by mapping: what tables say of customers becomes their traits and tags."""

from streamproc.events.profile import Identified, TagChanged
from tests.offline.tables.tables import Import

CRM = """
name = "crm"
[time]
column = "at"
[[event]]
type = "identified"
[fields]
customer_id = "id"
[traits]
"""


def test_traits_of_customers_can_be_imported(run: Import) -> None:
    run(CRM + 'city = "town"\n', ["at,id,town", "2024-05-01,ada,Bath"])
    [event] = run.events
    assert event.type == "identified"
    assert event.traits == {"city": "Bath"}


def test_a_tag_that_an_import_gives_says_so(run: Import) -> None:
    mapping = """
        name = "crm"
        [time]
        column = "at"
        zone = "UTC"
        [[event]]
        type = "tag_changed"
        [fields]
        customer_id = "id"
        tag = "tag"
        given = { column = "has", words = { yes = "true", no = "false" } }
    """
    run(mapping, ["at,id,tag,has", "2024-05-01,ada,vip,yes", "2024-05-02,bob,vip,no"])
    told = [
        (event.customer_id, event.tag, event.given, event.by) for event in run.events if isinstance(event, TagChanged)
    ]
    assert told == [("ada", "vip", True, "import"), ("bob", "vip", False, "import")]


def test_traits_have_the_kind_that_the_mapping_says(run: Import) -> None:
    mapping = (
        CRM
        + """
        age = { column = "age", kind = "number" }
        height = { column = "height", kind = "number" }
        vip = { column = "vip", kind = "flag", words = { ja = "true" } }
        zip = { column = "zip", kind = "text" }
    """
    )
    report = run(mapping, ["at,id,age,height,vip,zip", "2024-05-01,ada,35,1.75,ja,01234"])
    [event] = run.events
    assert isinstance(event, Identified)
    assert event.traits == {"age": 35, "height": 1.75, "vip": True, "zip": "01234"}
    assert report.untyped == {}


def test_text_of_which_every_value_is_a_number_or_a_flag_is_told(run: Import) -> None:
    mapping = CRM + 'age = "age"\nvip = "vip"\ncity = "city"\nempty = "none"\n'
    rows = ["2024-05-01,ada,35,true,Bath,", "2024-05-01,bob,,false,1,"]
    assert run(mapping, ["at,id,age,vip,city,none", *rows]).untyped == {"age": "number", "vip": "flag"}


def test_a_trait_of_another_kind_puts_the_row_aside(run: Import) -> None:
    mapping = CRM + 'age = { column = "age", kind = "number" }\n'
    report = run(mapping, ["at,id,age", "2024-05-01,ada,old"])
    assert report.bad == {"traits.age": 1}
