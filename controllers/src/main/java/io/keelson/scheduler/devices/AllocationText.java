package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.AllocationResultBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceAllocationConfiguration;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceAllocationConfigurationBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClaimConfiguration;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClassConfiguration;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResultBuilder;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is written into a claim for the devices that were chosen. */
final class AllocationText {
    private AllocationText() {}

    /** @param shareIds gives another id for each share of a device */
    static AllocationResult of(ClaimPlan plan, List<ChosenDevice> chosen, Node node, Supplier<String> shareIds) {
        return new AllocationResultBuilder()
                .withNewDevices()
                .withResults(chosen.stream().map(each -> result(each, shareIds)).toList())
                .withConfig(configuration(plan, chosen))
                .endDevices()
                .withNodeSelector(nodes(chosen, node))
                .build();
    }

    private static DeviceRequestAllocationResult result(ChosenDevice chosen, Supplier<String> shareIds) {
        PooledDevice device = chosen.device();
        DeviceRequestAllocationResultBuilder result = new DeviceRequestAllocationResultBuilder()
                .withRequest(chosen.option().name())
                .withDriver(device.id().pool().driver())
                .withPool(device.id().pool().pool())
                .withDevice(device.id().name())
                .withTolerations(chosen.option().tolerations())
                .withBindingConditions(OrEmpty.of(device.device().getBindingConditions()))
                .withBindingFailureConditions(OrEmpty.of(device.device().getBindingFailureConditions()));
        if (chosen.option().adminAccess()) {
            result.withAdminAccess(true);
        }
        if (device.isShareable()) {
            result.withShareID(shareIds.get()).withConsumedCapacity(chosen.consumed());
        }
        return result.build();
    }

    /** That of the classes, for the requests that name them, and that of the claim. */
    private static List<DeviceAllocationConfiguration> configuration(ClaimPlan plan, List<ChosenDevice> chosen) {
        Map<String, RequestOption> options = new LinkedHashMap<>();
        chosen.forEach(each -> options.putIfAbsent(each.option().name(), each.option()));
        List<DeviceAllocationConfiguration> all = new ArrayList<>();
        for (RequestOption option : options.values()) {
            if (option.deviceClass().getSpec() == null) {
                continue;
            }
            for (DeviceClassConfiguration each :
                    OrEmpty.of(option.deviceClass().getSpec().getConfig())) {
                all.add(new DeviceAllocationConfigurationBuilder()
                        .withSource("FromClass")
                        .withRequests(option.name())
                        .withOpaque(each.getOpaque())
                        .build());
            }
        }
        for (DeviceClaimConfiguration each : plan.configuration()) {
            List<String> requests = OrEmpty.of(each.getRequests());
            if (options.values().stream().anyMatch(option -> option.isMeantBy(requests))) {
                all.add(new DeviceAllocationConfigurationBuilder()
                        .withSource("FromClaim")
                        .withRequests(requests)
                        .withOpaque(each.getOpaque())
                        .build());
            }
        }
        return all;
    }

    /** From where all that is chosen can be used; null if from everywhere. */
    private static @Nullable NodeSelector nodes(List<ChosenDevice> chosen, Node node) {
        Set<NodeSelectorRequirement> labels = new LinkedHashSet<>();
        Set<NodeSelectorRequirement> fields = new LinkedHashSet<>();
        for (ChosenDevice each : chosen) {
            PooledDevice.Place place = each.device().place();
            if (!place.nodeName().isEmpty() || OrEmpty.of(each.device().device().getBindsToNode())) {
                return only(node);
            }
            if (place.selector() == null) {
                continue;
            }
            List<NodeSelectorTerm> terms = OrEmpty.of(place.selector().getNodeSelectorTerms());
            if (terms.size() != 1) {
                // One of several cannot be joined with others; the API wants just one.
                return only(node);
            }
            labels.addAll(OrEmpty.of(terms.getFirst().getMatchExpressions()));
            fields.addAll(OrEmpty.of(terms.getFirst().getMatchFields()));
        }
        if (labels.isEmpty() && fields.isEmpty()) {
            return null;
        }
        return new NodeSelectorBuilder()
                .withNodeSelectorTerms(new NodeSelectorTermBuilder()
                        .withMatchExpressions(new ArrayList<>(labels))
                        .withMatchFields(new ArrayList<>(fields))
                        .build())
                .build();
    }

    private static NodeSelector only(Node node) {
        return new NodeSelectorBuilder()
                .addNewNodeSelectorTerm()
                .addNewMatchField()
                .withKey("metadata.name")
                .withOperator("In")
                .withValues(node.getMetadata().getName())
                .endMatchField()
                .endNodeSelectorTerm()
                .build();
    }
}
