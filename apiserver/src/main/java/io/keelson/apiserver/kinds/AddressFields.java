package io.keelson.apiserver.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fields of built-in kinds that hold IP addresses, or ranges of them, and in which these were once taken in forms that
 * programs do not read alike. Strategies go on taking them, because they are stored. Here, those that are new are refused
 * (the feature gate {@code StrictIPCIDRValidation}):
 *
 * <pre>
 * create     externalIPs: [010.1.2.3]               refused
 * update     externalIPs: [010.1.2.3]               refused, unless it was among them before
 * </pre>
 *
 * <p>In Endpoints and EndpointSlices, which are large and written by programs, what was there before stays only if nothing
 * else in the list changes either.
 */
public final class AddressFields {
    private static final String RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges";

    private static final Map<String, List<Field>> FIELDS = Map.ofEntries(
            Map.entry(
                    "pods",
                    List.of(
                            ofPods(),
                            Field.addresses(true, pod -> listed(pod.at("status", "podIPs"), "ip")),
                            Field.addresses(true, pod -> listed(pod.at("status", "hostIPs"), "ip")))),
            Map.entry("podtemplates", List.of(ofPods("template"))),
            Map.entry("replicationcontrollers", List.of(ofPods("spec", "template"))),
            Map.entry("deployments.apps", List.of(ofPods("spec", "template"))),
            Map.entry("replicasets.apps", List.of(ofPods("spec", "template"))),
            Map.entry("statefulsets.apps", List.of(ofPods("spec", "template"))),
            Map.entry("daemonsets.apps", List.of(ofPods("spec", "template"))),
            Map.entry("jobs.batch", List.of(ofPods("spec", "template"))),
            Map.entry("cronjobs.batch", List.of(ofPods("spec", "jobTemplate", "spec", "template"))),
            Map.entry(
                    "services",
                    List.of(
                            Field.addresses(false, service -> texts(service.at("spec", "clusterIPs"))),
                            Field.addresses(false, service -> texts(service.at("spec", "externalIPs"))),
                            Field.ranges(AddressFields::sourceRanges),
                            Field.addresses(true, AddressFields::ofLoadBalancer))),
            Map.entry("ingresses.networking.k8s.io", List.of(Field.addresses(true, AddressFields::ofLoadBalancer))),
            Map.entry("networkpolicies.networking.k8s.io", List.of(Field.ranges(AddressFields::ofPeers))),
            Map.entry("nodes", List.of(Field.ranges(node -> texts(node.at("spec", "podCIDRs"))))),
            Map.entry("endpoints", List.of(Field.together("subsets", AddressFields::ofSubsets))),
            Map.entry(
                    "endpointslices.discovery.k8s.io",
                    List.of(Field.together("endpoints", AddressFields::ofEndpoints))));

    private AddressFields() {}

    /** What is to be an address or a range, and where complaints about it go. */
    private record Value(Place place, String text) {}

    /** Finds the values of a field in an object. */
    @FunctionalInterface
    private interface Values extends Function<Place, Stream<Value>> {}

    /**
     * One field, or several that share what is old in them.
     *
     * @param status whether it is written through the status of an object
     * @param rule what new values have to follow
     * @param together the field all of which has to stay for old values to stay; empty if each is looked at by itself
     */
    private record Field(boolean status, Function<String, List<String>> rule, String together, Values values) {
        static Field addresses(boolean status, Values values) {
            return new Field(status, Addresses::unambiguousIp, "", values);
        }

        static Field ranges(Values values) {
            return new Field(false, Addresses::unambiguousCidr, "", values);
        }

        static Field together(String field, Values values) {
            return new Field(false, Addresses::unambiguousIp, field, values);
        }

        void judge(ObjectNode object, @Nullable ObjectNode old, FieldErrors errors) {
            values.apply(Place.of(object, errors)).forEach(value -> {
                List<String> wrong = rule.apply(value.text());
                if (!wrong.isEmpty() && !(old != null && stays(value.text(), object, old))) {
                    wrong.forEach(detail -> value.place().invalid(value.text(), detail));
                }
            });
        }

        private boolean stays(String text, ObjectNode object, ObjectNode old) {
            return together.isEmpty()
                    ? values.apply(Place.of(old, new FieldErrors()))
                            .anyMatch(before -> before.text().equals(text))
                    : SemanticEquality.equal(object.path(together), old.path(together));
        }
    }

    /**
     * Says which new addresses are written as none should be any more.
     *
     * @param status whether only the status is written
     * @param old null if the object is new
     */
    public static void judge(
            GroupResource resource, boolean status, ObjectNode object, @Nullable ObjectNode old, FieldErrors errors) {
        for (Field field : FIELDS.getOrDefault(resource.toString(), List.of())) {
            if (field.status() == status) {
                field.judge(object, old, errors);
            }
        }
    }

    private static Stream<Value> texts(Place list) {
        return list.items().stream().map(item -> new Value(item, item.text()));
    }

    /** What stands in a field of the elements of a list, complained about as the whole element. */
    private static Stream<Value> listed(Place list, String field) {
        return list.items().stream().map(item -> new Value(item, item.at(field).text()));
    }

    /** What stands in a field of the elements of a list. */
    private static Stream<Value> fields(Place list, String field) {
        return list.items().stream().map(item -> item.at(field)).map(value -> new Value(value, value.text()));
    }

    /** @param toPod the way to the template; empty for pods themselves */
    private static Field ofPods(String... toPod) {
        return Field.addresses(false, object -> {
            Place pod = object;
            for (String step : toPod) {
                pod = pod.at(step);
            }
            return Stream.concat(
                    texts(pod.at("spec", "dnsConfig", "nameservers")), fields(pod.at("spec", "hostAliases"), "ip"));
        });
    }

    private static Stream<Value> ofLoadBalancer(Place object) {
        return fields(object.at("status", "loadBalancer", "ingress"), "ip");
    }

    /** Out of the field, or out of the annotation that was there before it and counts without it. */
    private static Stream<Value> sourceRanges(Place service) {
        Place ranges =
                service.at("spec", "loadBalancerSourceRanges").as(FieldPath.of("spec", "LoadBalancerSourceRanges"));
        if (ranges.size() > 0) {
            return ranges.items().stream()
                    .map(range -> new Value(range, range.text().strip()));
        }
        Place annotation = service.at("metadata", "annotations", RANGES_ANNOTATION)
                .as(FieldPath.of("metadata", "annotations").key(RANGES_ANNOTATION));
        return Stream.of(annotation.text().split(",", -1)).map(range -> new Value(annotation, range.strip()));
    }

    private static Stream<Value> ofPeers(Place policy) {
        List<Place> blocks = new ArrayList<>();
        for (String[] way : new String[][] {{"ingress", "from"}, {"egress", "to"}}) {
            for (Place rule : policy.at("spec", way[0]).items()) {
                rule.at(way[1]).items().forEach(peer -> blocks.add(peer.at("ipBlock")));
            }
        }
        return blocks.stream().flatMap(block -> {
            Place cidr = block.at("cidr");
            return Stream.concat(Stream.of(new Value(cidr, cidr.text())), texts(block.at("except")));
        });
    }

    private static Stream<Value> ofSubsets(Place endpoints) {
        return endpoints.at("subsets").items().stream()
                .flatMap(subset -> Stream.concat(
                        fields(subset.at("addresses"), "ip"), fields(subset.at("notReadyAddresses"), "ip")));
    }

    private static Stream<Value> ofEndpoints(Place slice) {
        return slice.at("addressType").is("FQDN")
                ? Stream.of()
                : slice.at("endpoints").items().stream().flatMap(endpoint -> texts(endpoint.at("addresses")));
    }
}
