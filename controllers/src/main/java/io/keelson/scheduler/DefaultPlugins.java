package io.keelson.scheduler;

import io.keelson.scheduler.config.BalancedAllocationArguments;
import io.keelson.scheduler.config.DataLocalityArguments;
import io.keelson.scheduler.config.DynamicResourcesArguments;
import io.keelson.scheduler.config.ExtensionPoint;
import io.keelson.scheduler.config.FitArguments;
import io.keelson.scheduler.config.NodeAffinityArguments;
import io.keelson.scheduler.config.PluginArguments;
import io.keelson.scheduler.config.PodAffinityArguments;
import io.keelson.scheduler.config.SchedulerConfiguration;
import io.keelson.scheduler.config.SchedulerConfiguration.PluginEntry;
import io.keelson.scheduler.config.SchedulerConfiguration.Profile;
import io.keelson.scheduler.config.VolumeBindingArguments;
import io.keelson.scheduler.decision.Plugin;
import io.keelson.scheduler.devices.ClaimCreations;
import io.keelson.scheduler.devices.DeviceState;
import io.keelson.scheduler.devices.DynamicResources;
import io.keelson.scheduler.groups.GangScheduling;
import io.keelson.scheduler.groups.PodGroups;
import io.keelson.scheduler.plugins.BalancedAllocation;
import io.keelson.scheduler.plugins.DataLocality;
import io.keelson.scheduler.plugins.DataPlaces;
import io.keelson.scheduler.plugins.ImageLocality;
import io.keelson.scheduler.plugins.InterPodAffinity;
import io.keelson.scheduler.plugins.NodeAffinity;
import io.keelson.scheduler.plugins.NodeDeclaredFeatures;
import io.keelson.scheduler.plugins.NodeName;
import io.keelson.scheduler.plugins.NodePorts;
import io.keelson.scheduler.plugins.NodeResourcesFit;
import io.keelson.scheduler.plugins.NodeUnschedulable;
import io.keelson.scheduler.plugins.PodTopologySpread;
import io.keelson.scheduler.plugins.TaintToleration;
import io.keelson.scheduler.volumes.NodeVolumeLimits;
import io.keelson.scheduler.volumes.StorageState;
import io.keelson.scheduler.volumes.VolumeBinding;
import io.keelson.scheduler.volumes.VolumeRestrictions;
import io.keelson.scheduler.volumes.VolumeZone;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The plugins that there are, and those of a profile that does not say otherwise, in kube-scheduler's order and weights. */
final class DefaultPlugins {
    /** Those that are on. */
    static final List<PluginEntry> ENABLED = List.of(
            on("SchedulingGates", null),
            on("PrioritySort", null),
            on("NodeUnschedulable", null),
            on("NodeName", null),
            on("TaintToleration", 3),
            on("NodeAffinity", 2),
            on("NodePorts", null),
            on("NodeResourcesFit", 1),
            on("VolumeRestrictions", null),
            on("NodeVolumeLimits", null),
            on("VolumeBinding", null),
            on("VolumeZone", null),
            on("PodTopologySpread", 2),
            on("InterPodAffinity", 2),
            on("DynamicResources", 2),
            on("DefaultPreemption", null),
            on("NodeResourcesBalancedAllocation", 1),
            on("ImageLocality", 1),
            on("DefaultBinder", null),
            on(NodeDeclaredFeatures.NAME, null),
            on(GangScheduling.NAME, null));

    private DefaultPlugins() {}

    private static PluginEntry on(String name, @Nullable Integer weight) {
        return new PluginEntry(name, weight);
    }

    /**
     * All there are, for a scheduler of its own, as some keep what they read of the API.
     *
     * @param ignored resources for which nodes need not have room, whatever a profile says
     * @param features what is on
     * @param groups which pods belong together
     * @param clock says when something was given to a pod
     * @param creations is told of claims that are made for extended resources
     */
    static PluginRegistry registry(
            Set<String> ignored,
            SchedulerFeatures features,
            PodGroups groups,
            InstantSource clock,
            ClaimCreations creations) {
        PluginRegistry registry = new PluginRegistry();
        registry.add("SchedulingGates", arguments -> new SchedulingGates());
        registry.add("PrioritySort", arguments -> new OwnStep("PrioritySort", Set.of(ExtensionPoint.QUEUE_SORT)));
        registry.add("NodeUnschedulable", arguments -> new NodeUnschedulable());
        registry.add("NodeName", arguments -> new NodeName());
        registry.add("TaintToleration", arguments -> new TaintToleration());
        registry.add("NodeAffinity", DefaultPlugins::nodeAffinity);
        registry.add("NodePorts", arguments -> new NodePorts());
        DeviceState devices = new DeviceState();
        registry.add("NodeResourcesFit", arguments -> fit(arguments, ignored, devices));
        StorageState storage = new StorageState();
        registry.add("VolumeRestrictions", arguments -> new VolumeRestrictions(registry.observe(storage)));
        registry.add("NodeVolumeLimits", arguments -> new NodeVolumeLimits(registry.observe(storage)));
        registry.add("VolumeBinding", arguments -> volumeBinding(arguments, registry.observe(storage)));
        registry.add("VolumeZone", arguments -> new VolumeZone(registry.observe(storage)));
        registry.add("PodTopologySpread", arguments -> new PodTopologySpread());
        registry.add("InterPodAffinity", DefaultPlugins::podAffinity);
        registry.add("DynamicResources", arguments -> devices(arguments, registry.observe(devices), clock, creations));
        registry.add(
                PluginRegistry.PREEMPTION,
                arguments -> new OwnStep(PluginRegistry.PREEMPTION, Set.of(ExtensionPoint.POST_FILTER)));
        registry.add("NodeResourcesBalancedAllocation", DefaultPlugins::balance);
        registry.add("ImageLocality", arguments -> new ImageLocality());
        registry.add("DefaultBinder", arguments -> new OwnStep("DefaultBinder", Set.of(ExtensionPoint.BIND)));
        registry.add(NodeDeclaredFeatures.NAME, arguments -> new NodeDeclaredFeatures(features.nodeDeclaredFeatures()));
        if (features.gangScheduling()) {
            registry.add(GangScheduling.NAME, arguments -> new GangScheduling(groups));
        }
        // Off by default: only who has it looks at volumes for it.
        DataPlaces places = new DataPlaces();
        registry.add("DataLocality", arguments -> dataLocality(arguments, registry.observe(places)));
        return registry;
    }

    private static Plugin dataLocality(PluginArguments arguments, DataPlaces places) {
        DataLocalityArguments own = arguments.get("DataLocality", DataLocalityArguments.DEFAULT);
        return new DataLocality(
                new DataLocality.Weights(own.volumesWeight(), own.dataSetsWeight(), own.imagesWeight()),
                own.annotation(),
                places);
    }

    /** The plugins of a profile that says nothing, for a scheduler of its own. */
    static Plugins make() {
        return registry(
                        Set.of(),
                        SchedulerFeatures.USUAL,
                        new PodGroups(false),
                        InstantSource.system(),
                        ClaimCreations.UNTOLD)
                .plugins(Profile.of(SchedulerConfiguration.DEFAULT_NAME), ENABLED);
    }

    private static Plugin nodeAffinity(PluginArguments arguments) {
        return new NodeAffinity(
                arguments.get("NodeAffinity", NodeAffinityArguments.DEFAULT).addedAffinity());
    }

    private static Plugin volumeBinding(PluginArguments arguments, StorageState storage) {
        VolumeBindingArguments own = arguments.get("VolumeBinding", VolumeBindingArguments.DEFAULT);
        return new VolumeBinding(storage, Duration.ofSeconds(own.bindTimeoutSeconds()), List.of());
    }

    private static Plugin devices(
            PluginArguments arguments, DeviceState state, InstantSource clock, ClaimCreations creations) {
        DynamicResourcesArguments own = arguments.get("DynamicResources", DynamicResourcesArguments.DEFAULT);
        return new DynamicResources(state, clock, new DynamicResources.Limits(own.filter(), own.binding()), creations);
    }

    private static Plugin podAffinity(PluginArguments arguments) {
        PodAffinityArguments own = arguments.get("InterPodAffinity", PodAffinityArguments.DEFAULT);
        return new InterPodAffinity(own.hardPodAffinityWeight(), own.ignorePreferredTermsOfExistingPods());
    }

    private static Plugin balance(PluginArguments arguments) {
        return new BalancedAllocation(
                arguments
                        .get("NodeResourcesBalancedAllocation", BalancedAllocationArguments.DEFAULT)
                        .resources()
                        .stream()
                        .map(FitArguments.Resource::name)
                        .toList());
    }

    private static Plugin fit(PluginArguments arguments, Set<String> ignored, DeviceState devices) {
        FitArguments own = arguments.get("NodeResourcesFit", FitArguments.DEFAULT);
        FitArguments.Strategy strategy = own.scoringStrategy();
        FitArguments.Ratio ratio = strategy.requestedToCapacityRatio();
        return new NodeResourcesFit(
                new NodeResourcesFit.Strategy(
                        kind(strategy.type()),
                        strategy.resources().stream()
                                .map(each -> new NodeResourcesFit.Weight(each.name(), each.weight()))
                                .toList(),
                        ratio == null
                                ? List.of()
                                : ratio.shape().stream()
                                        .map(each -> new NodeResourcesFit.Point(each.utilization(), each.score()))
                                        .toList()),
                resource -> ignored.contains(resource) || own.ignores(resource),
                // Classes are known only to a scheduler that has the plugin that gives devices.
                devices::isBacked);
    }

    private static NodeResourcesFit.Kind kind(String type) {
        return switch (type) {
            case "MostAllocated" -> NodeResourcesFit.Kind.MOST_ALLOCATED;
            case "RequestedToCapacityRatio" -> NodeResourcesFit.Kind.REQUESTED_TO_CAPACITY_RATIO;
            default -> NodeResourcesFit.Kind.LEAST_ALLOCATED;
        };
    }
}
