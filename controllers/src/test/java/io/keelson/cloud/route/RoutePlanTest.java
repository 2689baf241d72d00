package io.keelson.cloud.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.keelson.cloud.AddressRange;
import io.keelson.cloud.Route;
import io.keelson.controllers.objects.IpPrefix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RoutePlanTest {
    private static final List<AddressRange> CLUSTER =
            List.of(AddressRange.of(Objects.requireNonNull(IpPrefix.parse("10.244.0.0/16"))));
    private static final NodeAddress ADDRESS = new NodeAddress("10.0.0.1", "InternalIP");

    private static Node node(String name, String... ranges) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withUid(name)
                .endMetadata()
                .withNewSpec()
                .withPodCIDRs(ranges)
                .endSpec()
                .withNewStatus()
                .withAddresses(ADDRESS)
                .endStatus()
                .build();
    }

    private static Route route(String node, String destination) {
        return new Route("r " + node + ' ' + destination, node, destination, null, false);
    }

    private static Set<String> created(RoutePlan plan) {
        Set<String> created = new HashSet<>();
        plan.created()
                .forEach(each ->
                        created.add(each.route().node() + ' ' + each.route().destination()));
        return created;
    }

    @Test
    void whatIsMissingIsMadeAndWhatLeadsNowhereGoes() {
        Route right = route("a", "10.244.1.0/24");
        Route gone = route("z", "10.244.9.0/24");
        Route moved = route("a", "10.244.2.0/24");
        Route hole = new Route("hole", "", "10.244.7.0/24", null, true);
        Route foreign = route("z", "192.168.0.0/24");
        Route around = route("z", "0.0.0.0/0");
        Route odd = route("z", "nonsense");
        RoutePlan plan = RoutePlan.of(
                List.of(right, gone, moved, hole, foreign, around, odd),
                List.of(node("a", "10.244.1.0/24", "fd00::/64"), node("b", "10.244.2.0/24"), node("c")),
                CLUSTER);
        assertEquals(Set.of(gone, moved, hole), Set.copyOf(plan.deleted()));
        assertEquals(Set.of("a fd00::/64", "b 10.244.2.0/24"), created(plan));
    }

    @Test
    void aRouteToOldAddressesIsMadeAnewIfTheProviderSaysThem() {
        Route same = new Route("same", "a", "10.244.1.0/24", List.of(ADDRESS), false);
        assertTrue(RoutePlan.of(List.of(same), List.of(node("a", "10.244.1.0/24")), CLUSTER)
                .created()
                .isEmpty());
        Route old = new Route("old", "a", "10.244.1.0/24", List.of(new NodeAddress("10.0.0.9", "InternalIP")), false);
        RoutePlan plan = RoutePlan.of(List.of(old), List.of(node("a", "10.244.1.0/24")), CLUSTER);
        assertEquals(List.of(old), plan.deleted());
        assertEquals(Set.of("a 10.244.1.0/24"), created(plan));
        assertEquals(List.of(ADDRESS), plan.created().getFirst().route().nodeAddresses());
    }

    @Test
    void afterThePlanEachNodeHasItsRoutesAndThereAreNoOthers() {
        Random random = new Random(11);
        for (int round = 0; round < 500; round++) {
            List<Node> nodes = new ArrayList<>();
            Set<String> wanted = new HashSet<>();
            for (int i = 0; i < random.nextInt(6); i++) {
                String range = "10.244." + random.nextInt(8) + ".0/24";
                nodes.add(node("n" + i, range));
                wanted.add("n" + i + ' ' + range);
            }
            Set<Route> there = new HashSet<>();
            for (int i = 0; i < random.nextInt(10); i++) {
                there.add(route("n" + random.nextInt(8), "10.244." + random.nextInt(8) + ".0/24"));
            }
            RoutePlan plan = RoutePlan.of(List.copyOf(there), nodes, CLUSTER);
            Set<String> then = new HashSet<>();
            there.stream()
                    .filter(route -> !plan.deleted().contains(route))
                    .forEach(route -> then.add(route.node() + ' ' + route.destination()));
            for (RoutePlan.Missing missing : plan.created()) {
                assertTrue(
                        then.add(missing.route().node() + ' ' + missing.route().destination()), "made without need");
            }
            assertEquals(wanted, then);
        }
    }

    @Test
    void flagsThatMakeNoSenseAreRefused() {
        Duration period = NodeRouteSettings.DEFAULT_PERIOD;
        refused("--cluster-cidr must be set", null, period);
        refused("--cluster-cidr: \"10.244\" is no range", "10.244", period);
        refused("length of clusterCIDRs is 2 and they are not", "10.0.0.0/8,11.0.0.0/8", period);
        refused("length of clusterCIDRs is:3", "10.0.0.0/8,fd00::/8,fc00::/8", period);
        refused("--route-reconciliation-period must be", "10.0.0.0/8", Duration.ZERO);
        assertEquals(
                2,
                NodeRouteSettings.of("c", List.of("10.0.0.0/8", "fd00::/8"), period)
                        .clusterRanges()
                        .size());
    }

    private static void refused(String expected, @Nullable String ranges, Duration period) {
        List<String> texts = ranges == null ? List.of() : List.of(ranges.split(",", -1));
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> NodeRouteSettings.of("c", texts, period));
        assertTrue(String.valueOf(refusal.getMessage()).startsWith(expected), refusal.getMessage());
    }
}
