package io.keelson.proxy.conntrack;

import io.keelson.agent.netlink.NetlinkException;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.proxy.rules.Destination;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.Frontend;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Lets the kernel forget what is stale. Belongs to one thread. */
public final class FlowCleaner {
    private final FlowTable table;
    private final StaleFlows stale;
    private final Family family;

    /** @param table the kernel's */
    public FlowCleaner(FlowTable table, StaleFlows stale, Family family) {
        this.table = table;
        this.stale = stale;
        this.family = family;
    }

    /**
     * Looks through the kernel's table if there may be something; that takes a moment for each connection that is
     * tracked.
     *
     * @param isNode whether node ports are served at an address
     * @return how many were forgotten
     * @throws NetlinkException if that cannot be now; the next call tries again
     */
    public int clean(Predicate<IpAddress> isNode) throws NetlinkException {
        Map<Frontend, Set<Destination>> taken = stale.take();
        if (taken.isEmpty()) {
            return 0;
        }
        try {
            return table.forget(family, flow -> StaleFlows.isStale(flow, taken, isNode));
        } catch (NetlinkException e) {
            stale.giveBack(taken);
            throw e;
        }
    }
}
