package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.ResourceDefaults;
import io.keelson.apiserver.kinds.pod.ResourceRules;
import io.keelson.apiserver.kinds.pod.TolerationRules;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Nodes. Unlike other kinds they may be created with a status, because their agents create them. */
public final class NodeStrategy extends SpecAndStatus {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode node) {
        if (node.path("spec") instanceof ObjectNode spec) {
            ranges(spec);
        }
        if (!(node.path("status") instanceof ObjectNode status)) {
            return;
        }
        ResourceDefaults.canonical(status.path("capacity"));
        ResourceDefaults.canonical(status.path("allocatable"));
        if (!status.hasNonNull("allocatable") && status.path("capacity").isObject()) {
            status.set("allocatable", status.path("capacity").deepCopy());
        }
    }

    /** The first range of a node's pods has a field of its own beside the list of all; the field counts. */
    private static void ranges(ObjectNode spec) {
        String first = spec.path("podCIDR").asText("");
        String listed = spec.path("podCIDRs").path(0).asText("");
        if (first.isEmpty() && !listed.isEmpty()) {
            spec.put("podCIDR", listed);
        } else if (!first.isEmpty() && !first.equals(listed)) {
            spec.putArray("podCIDRs").add(first);
        }
    }

    /** Agents are not configured by ConfigMaps any more. */
    @Override
    public void dropDisabled(ObjectNode node, @Nullable ObjectNode old) {
        dropUnused(node, old, "spec", "configSource");
        dropUnused(node, old, "status", "config");
    }

    private static void dropUnused(ObjectNode node, @Nullable ObjectNode old, String part, String field) {
        boolean used = old != null && old.path(part).hasNonNull(field);
        if (!used && node.path(part) instanceof ObjectNode there) {
            there.remove(field);
        }
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode node) {
        if (!node.path("status").isObject()) {
            node.putObject("status");
        }
    }

    @Override
    public void validate(ObjectNode node, FieldErrors errors) {
        Place whole = Place.of(node, errors);
        FieldPath metadata = FieldPath.of("metadata");
        TolerationRules.taints(whole.at("spec", "taints").as(metadata.child("taints")));
        resources(whole);
        DeclaredFeatureRules.validate(whole.at("status", "declaredFeatures"));
        Place ranges = whole.at("spec", "podCIDRs");
        Set<String> seen = new HashSet<>();
        int six = 0;
        for (Place range : ranges.items()) {
            range.check(Addresses::cidr);
            if (!seen.add(range.text())) {
                range.duplicate();
            }
            if (range.text().indexOf(':') >= 0) {
                six++;
            }
        }
        if (ranges.size() > 2 || (ranges.size() == 2 && six != 1)) {
            ranges.invalid("may specify no more than one CIDR for each IP family");
        }
    }

    @Override
    public void validateUpdate(ObjectNode node, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(node, errors);
        uniqueAddresses(whole.at("status", "addresses"));
        JsonNode before = old.path("spec");
        rangesStay(whole.at("spec", "podCIDRs"), before.path("podCIDRs"));
        String provider = before.path("providerID").asText("");
        if (!provider.isEmpty() && !whole.at("spec", "providerID").is(provider)) {
            whole.at("spec", "providerID")
                    .forbidden("node updates may not change providerID except from \"\" to valid");
        }
        configuration(whole);
        if (!whole.at("spec", "externalID").is(before.path("externalID").asText(""))) {
            whole.at("spec", "externalID").forbidden("may not be updated");
        }
    }

    /** Once there are some. Each that is another one is complained about, all under the path of the list. */
    private static void rangesStay(Place ranges, JsonNode before) {
        int changed = 0;
        if (!before.isEmpty() && ranges.size() != before.size()) {
            changed = 1;
        } else {
            List<String> now = ranges.textItems();
            for (int i = 0; i < before.size(); i++) {
                changed += now.get(i).equals(before.path(i).asText("")) ? 0 : 1;
            }
        }
        for (int i = 0; i < changed; i++) {
            ranges.forbidden("node updates may not change podCIDR except from \"\" to valid");
        }
    }

    private static void configuration(Place whole) {
        NodeConfigRules.wanted(whole.at("spec", "configSource"));
        NodeConfigRules.told(whole.at("status", "config"));
    }

    @Override
    public void validateStatusUpdate(ObjectNode node, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(node, errors);
        resources(whole);
        DeclaredFeatureRules.validate(whole.at("status", "declaredFeatures"));
        uniqueAddresses(whole.at("status", "addresses"));
        configuration(whole);
    }

    private static void resources(Place whole) {
        for (String list : List.of("capacity", "allocatable")) {
            for (Place entry : whole.at("status", list).entries()) {
                ResourceRules.amount(entry.as(FieldPath.of("status", list).child(entry.key())));
            }
        }
    }

    private static void uniqueAddresses(Place addresses) {
        Set<JsonNode> seen = new HashSet<>();
        for (Place address : addresses.items()) {
            if (!seen.add(address.value())) {
                address.duplicate();
            }
        }
    }

    @Override
    public void warn(ObjectNode node, @Nullable ObjectNode old, List<String> warnings) {
        JsonNode spec = node.path("spec");
        if (spec.hasNonNull("configSource")) {
            warnings.add("spec.configSource: the feature is removed");
        }
        if (!spec.path("externalID").asText("").isEmpty()) {
            warnings.add("spec.externalID: this field is deprecated, and is unused by Kubernetes");
        }
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode node) {
        return Map.of(
                "spec.unschedulable",
                Boolean.toString(node.path("spec").path("unschedulable").asBoolean()));
    }
}
