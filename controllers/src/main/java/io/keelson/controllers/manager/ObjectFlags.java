package io.keelson.controllers.manager;

import io.keelson.controllers.attachdetach.AttachDetachSettings;
import io.keelson.controllers.endpoints.EndpointsSettings;
import io.keelson.controllers.endpointslice.EndpointSliceSettings;
import io.keelson.controllers.endpointslicemirroring.EndpointSliceMirroringSettings;
import io.keelson.controllers.localpath.LocalPathSettings;
import io.keelson.controllers.podautoscaler.HorizontalPodAutoscalerSettings;
import io.keelson.controllers.podgc.PodGarbageCollectorSettings;
import io.keelson.controllers.resourcequota.ResourceQuotaSettings;
import io.keelson.controllers.volumebinder.BinderSettings;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Flags of the controllers that look after objects of users. */
final class ObjectFlags {
    @Option(
            names = "--terminated-pod-gc-threshold",
            defaultValue = "12500",
            paramLabel = "N",
            description = "How many pods that have ended are kept; 0 or less for all. Default: 12500")
    private int terminatedPods;

    @Option(
            names = "--enable-garbage-collector",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "true",
            paramLabel = "BOOL",
            description = "Whether objects go whose owners are gone. Default: true")
    private boolean garbageCollector;

    @Option(
            names = "--resource-quota-sync-period",
            defaultValue = "5m",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How often the use of quotas is counted anew. Default: 5m")
    private Duration quotaSyncPeriod;

    @Option(
            names = "--horizontal-pod-autoscaler-sync-period",
            defaultValue = "15s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How often autoscalers look. Default: 15s")
    private Duration autoscalerPeriod;

    @Option(
            names = "--horizontal-pod-autoscaler-downscale-stabilization",
            defaultValue = "5m",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "For how long the highest recommendation counts. Default: 5m")
    private Duration downscaleStabilization;

    @Option(
            names = "--horizontal-pod-autoscaler-tolerance",
            defaultValue = "0.1",
            paramLabel = "PART",
            description = "How far off its target a metric may be. Default: 0.1")
    private double autoscalerTolerance;

    @Option(
            names = "--horizontal-pod-autoscaler-cpu-initialization-period",
            defaultValue = "5m",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long after its start the CPU of a pod counts only while it is ready. Default: 5m")
    private Duration cpuInitializationPeriod;

    @Option(
            names = "--horizontal-pod-autoscaler-initial-readiness-delay",
            defaultValue = "30s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "A pod that became unready within it has never been ready. Default: 30s")
    private Duration initialReadinessDelay;

    @Option(
            names = "--endpoint-updates-batch-period",
            defaultValue = "0s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "For how long changes of Endpoints are gathered. Default: 0s")
    private Duration endpointsBatchPeriod;

    @Option(
            names = "--endpointslice-updates-batch-period",
            defaultValue = "0s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "For how long changes of EndpointSlices are gathered. Default: 0s")
    private Duration slicesBatchPeriod;

    @Option(
            names = "--max-endpoints-per-slice",
            defaultValue = "100",
            paramLabel = "N",
            description = "How many endpoints a slice has at most. Default: 100")
    private int endpointsPerSlice;

    @Option(
            names = "--mirroring-endpointslice-updates-batch-period",
            defaultValue = "0s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "For how long changes of mirrored slices are gathered. Default: 0s")
    private Duration mirroringBatchPeriod;

    @Option(
            names = "--mirroring-max-endpoints-per-subset",
            defaultValue = "1000",
            paramLabel = "N",
            description = "How many endpoints of a subset are mirrored at most. Default: 1000")
    private int mirroringPerSubset;

    @Option(
            names = "--pvclaimbinder-sync-period",
            defaultValue = "15s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How often volumes and claims are looked at even if nothing changed. Default: 15s")
    private Duration binderPeriod;

    @Option(
            names = "--enable-dynamic-provisioning",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "true",
            paramLabel = "BOOL",
            description = "Whether volumes are made for claims. Default: true")
    private boolean dynamicProvisioning;

    @Option(
            names = "--disable-force-detach-on-timeout",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            paramLabel = "BOOL",
            description = "Whether volumes of lost nodes stay attached. Default: false")
    private boolean noForceDetach;

    @Option(
            names = "--local-path-dir",
            defaultValue = "/var/lib/keelson/local-path",
            paramLabel = "DIR",
            description =
                    "Where on nodes the volumes of the local-path provisioner are. Default: /var/lib/keelson/local-path")
    private String localPathDirectory;

    @Option(
            names = "--local-path-storage-class",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "true",
            paramLabel = "BOOL",
            description = "Whether the class standard is made for them, if there is no default class. Default: true")
    private boolean localPathClass;

    boolean garbageCollector() {
        return garbageCollector;
    }

    PodGarbageCollectorSettings endedPods() {
        return new PodGarbageCollectorSettings(terminatedPods);
    }

    ResourceQuotaSettings quotas() {
        return new ResourceQuotaSettings(5, quotaSyncPeriod);
    }

    HorizontalPodAutoscalerSettings autoscaling() {
        return new HorizontalPodAutoscalerSettings(
                5,
                autoscalerPeriod,
                downscaleStabilization,
                autoscalerTolerance,
                cpuInitializationPeriod,
                initialReadinessDelay);
    }

    EndpointsSettings endpoints() {
        return new EndpointsSettings(5, endpointsBatchPeriod);
    }

    EndpointSliceSettings slices() {
        return new EndpointSliceSettings(5, endpointsPerSlice, slicesBatchPeriod);
    }

    EndpointSliceMirroringSettings mirroring() {
        return new EndpointSliceMirroringSettings(5, mirroringPerSubset, mirroringBatchPeriod);
    }

    BinderSettings binding() {
        return new BinderSettings(binderPeriod, dynamicProvisioning);
    }

    AttachDetachSettings attaching() {
        return new AttachDetachSettings(noForceDetach);
    }

    LocalPathSettings localPath() {
        return new LocalPathSettings(localPathDirectory, localPathClass);
    }
}
