"""Dedicated IP pools by v2: names for delivery options, without addresses."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.ip_pools import IpPool, known_pool
from sesmail.local.names import check_name
from sesmail.local.operations.served import serves
from sesmail.local.paging import page
from sesmail.local.resource_tags import tagged

MOST_POOLS = 50  # nobody says how many; SES has a limit
_EMPTY = "no address is in it, and mails leave as without it"


@serves("sesv2", note=_EMPTY)
def create_dedicated_ip_pool(here: Here, asked: Params) -> Result:
    pools, name = here.region.ip_pools, asked["PoolName"]
    tags = tagged({}, asked.get("Tags", ()))
    check_name("Pool", name)
    if name in pools:
        raise Fault(FaultKind.EXISTS, f"Dedicated IP pool <{name}> already exists.")
    if len(pools) >= MOST_POOLS:
        raise Fault(FaultKind.LIMIT, f"You have reached the limit of {MOST_POOLS} dedicated IP pools.")
    pools[name] = IpPool(name, asked.get("ScalingMode", "STANDARD"), tags)
    return {}


@serves("sesv2")
def get_dedicated_ip_pool(here: Here, asked: Params) -> Result:
    pool = known_pool(here.region.ip_pools, asked["PoolName"])
    return {"DedicatedIpPool": {"PoolName": pool.name, "ScalingMode": pool.scaling}}


@serves("sesv2")
def list_dedicated_ip_pools(here: Here, asked: Params) -> Result:
    names, token = page(sorted(here.region.ip_pools), asked.get("NextToken"), asked.get("PageSize"), 1000)
    return {"DedicatedIpPools": names, "NextToken": token} if token else {"DedicatedIpPools": names}


@serves("sesv2", note="configuration sets that name it keep its name")
def delete_dedicated_ip_pool(here: Here, asked: Params) -> Result:
    del here.region.ip_pools[known_pool(here.region.ip_pools, asked["PoolName"]).name]
    return {}
