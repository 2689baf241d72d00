package io.keelson.controllers.servicecidr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.networking.v1.IPAddress;
import io.fabric8.kubernetes.api.model.networking.v1.IPAddressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDRBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class RangesTest {
    private static ServiceCIDR range(String name, String... cidrs) {
        return new ServiceCIDRBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withCidrs(cidrs)
                .endSpec()
                .build();
    }

    private static IPAddress address(String ip, String manager) {
        return new IPAddressBuilder()
                .withNewMetadata()
                .withName(ip)
                .addToLabels("ipaddress.kubernetes.io/managed-by", manager)
                .endMetadata()
                .build();
    }

    private static IPAddress address(String ip) {
        return address(ip, "ipallocator.k8s.io");
    }

    @Test
    void aRangeIsNeededWhileAnAddressLiesInItAlone() {
        ServiceCIDR range = range("one", "10.0.0.0/24", "fd00::/64", "rubbish");
        Ranges alone = new Ranges(List.of(range));
        assertTrue(alone.canDoWithout(range, List.of()));
        assertTrue(alone.canDoWithout(range, List.of(address("10.0.1.1"), address("10.0.0.1", "somebody"))));
        assertFalse(alone.canDoWithout(range, List.of(address("10.0.0.1"))));
        assertFalse(alone.canDoWithout(range, List.of(address("fd00::1"))));
        Ranges two = new Ranges(List.of(range, range("half", "10.0.0.0/25")));
        assertTrue(two.canDoWithout(range, List.of(address("10.0.0.1"))));
        assertFalse(two.canDoWithout(range, List.of(address("10.0.0.200"))));
        Ranges held = new Ranges(List.of(range, range("four", "10.0.0.0/16"), range("six", "fd00::/48")));
        assertTrue(held.canDoWithout(range, List.of(address("10.0.0.200"), address("fd00::1"))));
    }

    @Test
    void rangesThatShareAddressesOverlap() {
        ServiceCIDR range = range("one", "10.0.0.0/24", "fd00::/64");
        Ranges all = new Ranges(List.of(
                range,
                range("wide", "10.0.0.0/8", "fd00::/8"),
                range("part", "fd00::/96"),
                range("far", "11.0.0.0/8")));
        assertEquals(List.of("wide", "part"), all.overlapping(range));
    }
}
