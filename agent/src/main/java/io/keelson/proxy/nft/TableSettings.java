package io.keelson.proxy.nft;

import io.keelson.controllers.objects.IpPrefix;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.LocalTraffic;
import java.util.List;

/**
 * What the rules of a family's table depend on besides Services.
 *
 * @param masqueradeBit the bit of a packet's mark that says that it is to get the node's address as its source; 0 to 31
 * @param masqueradeAll whether all that comes by cluster IPs gets it
 * @param local how packets of the node's pods are known
 * @param serviceRanges from which cluster IPs are taken; what is sent to others of them is dropped
 * @param servesAllAddresses whether node ports are served at all of the node's addresses, rather than at those of the table
 * @param servesLoopback whether they are served at 127.0.0.1, too
 */
public record TableSettings(
        Family family,
        int masqueradeBit,
        boolean masqueradeAll,
        LocalTraffic local,
        List<IpPrefix> serviceRanges,
        boolean servesAllAddresses,
        boolean servesLoopback) {
    public TableSettings {
        if (masqueradeBit < 0 || masqueradeBit > 31) {
            throw new IllegalArgumentException("the bit for masquerading must be in 0 to 31, not " + masqueradeBit);
        }
        serviceRanges = List.copyOf(serviceRanges);
    }
}
