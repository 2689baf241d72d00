package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.core.ClusterIpRules;
import io.keelson.apiserver.kinds.core.ServiceTypes;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Place;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says of which families a Service has addresses, by what it asks for ({@code ipFamilyPolicy}, {@code ipFamilies}, {@code
 * clusterIPs}) and what the cluster has. A change never adds or takes an address unless the policy says so.
 *
 * @param configured the families that the cluster has ranges for, the one to prefer first
 */
record FamilyRules(List<IpFamily> configured) {
    static final GroupKind SERVICE = new GroupKind("", "Service");

    private static final FieldPath POLICY = FieldPath.of("spec", "ipFamilyPolicy");
    private static final FieldPath FAMILIES = FieldPath.of("spec", "ipFamilies");
    private static final FieldPath ADDRESSES = FieldPath.of("spec", "clusterIPs");

    private static final String SINGLE = "SingleStack";
    private static final String PREFER = "PreferDualStack";
    private static final String REQUIRE = "RequireDualStack";

    FamilyRules {
        configured = List.copyOf(configured);
    }

    /**
     * Fills in the policy and the families.
     *
     * @param old as it was; null for a new one
     * @throws ApiException Invalid, if what is asked for cannot be
     */
    void apply(ObjectNode service, @Nullable JsonNode old) {
        if (!(service.get("spec") instanceof ObjectNode spec)
                || spec.path("type").asText().equals("ExternalName")) {
            return;
        }
        JsonNode before = old == null ? null : old.path("spec");
        if (before != null && staysAsItPrefers(spec, before)) {
            return;
        }
        policy(spec, before);
        FieldErrors errors = new FieldErrors();
        ClusterIpRules.validate(Place.of(service, errors).at("spec"));
        refuse(service, errors);
        if (before != null) {
            reduce(spec, before, errors);
        }
        oneOrTwo(spec, errors);
        familiesOfAddresses(spec, errors);
        refuse(service, errors);
        if (isHeadless(spec) && spec.path("selector").isEmpty()) {
            // Who has neither an address nor pods of the cluster may have endpoints of families that it does not know.
            addSecond(spec, configured.getFirst());
            return;
        }
        possible(spec, errors);
        refuse(service, errors);
        List<String> families = texts(spec, "ipFamilies");
        if (families.isEmpty()) {
            set(spec, "ipFamilies", List.of(configured.getFirst().toString()));
        }
        if (configured.size() > 1) {
            addSecond(spec, configured.getFirst());
        }
    }

    /** Fills in what Services that were stored long ago do not say. */
    static void fillInOld(ObjectNode service) {
        if (!(service.get("spec") instanceof ObjectNode spec) || !ServiceTypes.hasAddress(spec)) {
            return;
        }
        String address = spec.path("clusterIP").asText("");
        if (!address.isEmpty() && spec.path("clusterIPs").isEmpty()) {
            set(spec, "clusterIPs", List.of(address));
        }
        List<String> addresses = texts(spec, "clusterIPs");
        if (spec.path("ipFamilies").isEmpty() && !addresses.isEmpty() && !isHeadless(spec)) {
            List<String> families = new ArrayList<>();
            for (String text : addresses) {
                Address parsed = Address.parse(text);
                if (parsed != null) {
                    families.add(parsed.family().toString());
                }
            }
            set(spec, "ipFamilies", families);
        }
        if (spec.path("ipFamilyPolicy").asText("").isEmpty() && !addresses.isEmpty()) {
            boolean dual = addresses.size() > 1
                    || (isHeadless(spec) && spec.path("selector").isEmpty());
            spec.put("ipFamilyPolicy", dual ? REQUIRE : SINGLE);
        }
    }

    /**
     * Whether it prefers two families as before, and asks for neither more nor less than it has: then a cluster that has got
     * or lost a family since makes no difference.
     */
    static boolean staysAsItPrefers(JsonNode spec, JsonNode before) {
        String policyBefore = before.path("ipFamilyPolicy").asText("");
        return spec.path("ipFamilyPolicy").asText("").equals(PREFER)
                && (policyBefore.isEmpty() || policyBefore.equals(PREFER))
                && spec.path("type").asText().equals(before.path("type").asText())
                && ServiceTypes.hasAddress(spec)
                && same(spec, before, "clusterIPs")
                && same(spec, before, "ipFamilies");
    }

    private static void policy(ObjectNode spec, @Nullable JsonNode before) {
        if (!spec.path("ipFamilyPolicy").asText("").isEmpty()) {
            return;
        }
        String policyBefore =
                before == null ? "" : before.path("ipFamilyPolicy").asText("");
        if (!policyBefore.isEmpty()) {
            spec.put("ipFamilyPolicy", policyBefore);
        } else {
            boolean free = isHeadless(spec) && spec.path("selector").isEmpty();
            spec.put("ipFamilyPolicy", free ? REQUIRE : SINGLE);
        }
    }

    /** A second family goes by way of the policy only. */
    private static void reduce(ObjectNode spec, JsonNode before, FieldErrors errors) {
        if (isSingle(spec)) {
            keepFirst(spec, before, "clusterIPs");
            keepFirst(spec, before, "ipFamilies");
            return;
        }
        if (isReduced(spec, before, "clusterIPs")) {
            errors.invalid(
                    POLICY, spec.get("ipFamilyPolicy"), "must be 'SingleStack' to release the secondary cluster IP");
        }
        if (isReduced(spec, before, "ipFamilies")) {
            errors.invalid(
                    POLICY, spec.get("ipFamilyPolicy"), "must be 'SingleStack' to release the secondary IP family");
        }
    }

    private static void keepFirst(ObjectNode spec, JsonNode before, String field) {
        List<String> texts = texts(spec, field);
        if (texts.size() > 1 && same(spec, before, field)) {
            set(spec, field, texts.subList(0, 1));
        }
    }

    private static boolean isReduced(JsonNode spec, JsonNode before, String field) {
        int now = spec.path(field).size();
        return now > 0 && now < before.path(field).size();
    }

    private static void oneOrTwo(ObjectNode spec, FieldErrors errors) {
        if (!isSingle(spec)) {
            return;
        }
        if (spec.path("clusterIPs").size() == 2) {
            errors.invalid(
                    POLICY,
                    spec.get("ipFamilyPolicy"),
                    "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
        }
        if (spec.path("ipFamilies").size() == 2) {
            errors.invalid(
                    POLICY,
                    spec.get("ipFamilyPolicy"),
                    "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified");
        }
    }

    private void familiesOfAddresses(ObjectNode spec, FieldErrors errors) {
        List<String> addresses = texts(spec, "clusterIPs");
        List<String> families = texts(spec, "ipFamilies");
        for (int i = families.size(); i < addresses.size() && !isHeadless(spec); i++) {
            Address address = Address.parse(addresses.get(i));
            if (address == null) {
                continue;
            }
            if (configured.contains(address.family())) {
                families.add(address.family().toString());
            } else {
                errors.invalid(
                        ADDRESSES.index(i),
                        spec.get("clusterIPs"),
                        address.family() + " is not configured on this cluster");
            }
        }
        if (!families.isEmpty()) {
            set(spec, "ipFamilies", families);
        }
    }

    private void possible(ObjectNode spec, FieldErrors errors) {
        if (spec.path("ipFamilyPolicy").asText().equals(REQUIRE) && configured.size() < 2) {
            errors.invalid(
                    POLICY, spec.get("ipFamilyPolicy"), "this cluster is not configured for dual-stack services");
        }
        List<String> families = texts(spec, "ipFamilies");
        for (int i = 0; i < families.size(); i++) {
            IpFamily family = IpFamily.of(families.get(i));
            if (family == null || !configured.contains(family)) {
                errors.invalid(FAMILIES.index(i), families.get(i), "not configured on this cluster");
            }
        }
    }

    /** Completes the families to two, unless one is to be enough. */
    private static void addSecond(ObjectNode spec, IpFamily first) {
        List<String> families = texts(spec, "ipFamilies");
        if (families.isEmpty()) {
            families.add(first.toString());
        }
        IpFamily only = IpFamily.of(families.getFirst());
        if (families.size() == 1 && only != null && !isSingle(spec)) {
            families.add(only.other().toString());
        }
        set(spec, "ipFamilies", families);
    }

    private static boolean isSingle(JsonNode spec) {
        return spec.path("ipFamilyPolicy").asText("").equals(SINGLE);
    }

    static boolean isHeadless(JsonNode spec) {
        return spec.path("clusterIP").asText("").equals("None") || ServiceTypes.isHeadless(spec);
    }

    private static boolean same(JsonNode spec, JsonNode before, String field) {
        return texts(spec, field).equals(texts(before, field));
    }

    static List<String> texts(JsonNode spec, String field) {
        List<String> texts = new ArrayList<>();
        spec.path(field).forEach(text -> texts.add(text.asText("")));
        return texts;
    }

    static void set(ObjectNode spec, String field, List<String> texts) {
        ArrayNode list = spec.putArray(field);
        texts.forEach(list::add);
    }

    private static void refuse(ObjectNode service, FieldErrors errors) {
        if (!errors.isEmpty()) {
            throw ApiException.invalid(SERVICE, ObjectMeta.name(service), errors.list());
        }
    }
}
