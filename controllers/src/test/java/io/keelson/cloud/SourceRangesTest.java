package io.keelson.cloud;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.keelson.controllers.objects.IpAddress;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SourceRangesTest {
    private static Service service(String annotation, String... ranges) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withUid("0123abcd-0000-1111-2222-333344445555-x")
                .addToAnnotations(SourceRanges.ANNOTATION, annotation)
                .endMetadata()
                .withNewSpec()
                .withLoadBalancerSourceRanges(ranges)
                .endSpec()
                .build();
    }

    private static boolean allows(Service service, String source) {
        return SourceRanges.of(service).allow(Objects.requireNonNull(IpAddress.parse(source)));
    }

    @Test
    void withoutRangesTrafficIsTakenFromEverywhere() {
        for (Service service : List.of(service(""), service("  "))) {
            assertTrue(allows(service, "203.0.113.1"));
            assertTrue(allows(service, "2001:db8::1"));
        }
    }

    @Test
    void theFieldCountsBeforeTheAnnotation() {
        Service both = service("10.0.0.0/8", "192.168.0.0/16", " fd00::/8");
        assertTrue(allows(both, "192.168.7.7"));
        assertTrue(allows(both, "fd12::1"));
        assertFalse(allows(both, "10.1.1.1"));
        Service old = service(" 10.0.0.0/8 , 192.168.2.0/24 ");
        assertTrue(allows(old, "192.168.2.255"));
        assertTrue(allows(old, "::ffff:10.1.1.1"), "the same address, written in another way");
        assertFalse(allows(old, "192.168.3.0"));
        assertFalse(allows(old, "fd12::1"), "no range is of that family");
    }

    @Test
    void whatIsNoRangeIsToldAsTheOriginalTellsIt() {
        assertEquals(
                "service.Spec.LoadBalancerSourceRanges: [10.0.0.0/8 x] is not valid. Expecting a list of IP ranges. For"
                        + " example, 10.0.0.0/24.",
                assertThrows(CloudException.class, () -> SourceRanges.of(service("", "10.0.0.0/8", "x")))
                        .getMessage());
        for (String wrong : List.of(",", "10.0.0.0", "10.0.0.0/33", "a/8", "10.0.0.0/8;11.0.0.0/8", "10.0.0.0/-1")) {
            assertThrows(CloudException.class, () -> SourceRanges.of(service(wrong)), wrong);
        }
    }

    @Test
    void aLoadBalancerIsCalledAfterItsServicesUid() {
        assertEquals("a0123abcd00001111222233334444555", LoadBalancers.name(service("")));
        assertEquals(32, LoadBalancers.name(service("")).length());
    }
}
