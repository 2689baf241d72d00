package io.keelson.controllers.manager;

import io.keelson.controllers.attachdetach.AttachDetachController;
import io.keelson.controllers.bootstrap.BootstrapSignerController;
import io.keelson.controllers.bootstrap.TokenCleanerController;
import io.keelson.controllers.certificates.ApprovingController;
import io.keelson.controllers.certificates.CleanerController;
import io.keelson.controllers.certificates.PodRequestCleanerController;
import io.keelson.controllers.certificates.SigningController;
import io.keelson.controllers.clusterroleaggregation.ClusterRoleAggregationController;
import io.keelson.controllers.cronjob.CronJobController;
import io.keelson.controllers.daemonset.DaemonSetController;
import io.keelson.controllers.deployment.DeploymentController;
import io.keelson.controllers.devicetainteviction.DeviceTaintEvictionController;
import io.keelson.controllers.disruption.DisruptionController;
import io.keelson.controllers.endpoints.EndpointsController;
import io.keelson.controllers.endpointslice.EndpointSliceController;
import io.keelson.controllers.endpointslicemirroring.EndpointSliceMirroringController;
import io.keelson.controllers.ephemeralvolume.EphemeralVolumeController;
import io.keelson.controllers.garbagecollector.GarbageCollectorController;
import io.keelson.controllers.job.JobController;
import io.keelson.controllers.localpath.LocalPathController;
import io.keelson.controllers.namespace.NamespaceController;
import io.keelson.controllers.nodeipam.NodeIpamController;
import io.keelson.controllers.nodeipam.NodeIpamSettings;
import io.keelson.controllers.nodelifecycle.NodeLifecycleController;
import io.keelson.controllers.nodettl.NodeTtlController;
import io.keelson.controllers.podautoscaler.HorizontalPodAutoscalerController;
import io.keelson.controllers.podgc.PodGarbageCollectorController;
import io.keelson.controllers.podgroupprotection.PodGroupProtectionController;
import io.keelson.controllers.policystatus.PolicyStatusController;
import io.keelson.controllers.replicaset.ReplicaSetController;
import io.keelson.controllers.replicaset.ReplicationControllerController;
import io.keelson.controllers.resourceclaim.ResourceClaimController;
import io.keelson.controllers.resourcequota.ResourceQuotaController;
import io.keelson.controllers.rootca.RootCaController;
import io.keelson.controllers.rootca.RootCaSettings;
import io.keelson.controllers.rootca.TrustBundleController;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.selinuxwarning.SelinuxWarningController;
import io.keelson.controllers.serviceaccount.LegacyTokenCleanerController;
import io.keelson.controllers.serviceaccount.ServiceAccountController;
import io.keelson.controllers.serviceaccount.ServiceAccountTokenController;
import io.keelson.controllers.serviceaccount.ServiceAccountTokenSettings;
import io.keelson.controllers.servicecidr.ServiceCidrController;
import io.keelson.controllers.statefulset.StatefulSetController;
import io.keelson.controllers.storagemigration.StorageVersionMigratorController;
import io.keelson.controllers.tainteviction.TaintEvictionController;
import io.keelson.controllers.ttlafterfinished.TtlAfterFinishedController;
import io.keelson.controllers.volumebinder.VolumeBinderController;
import io.keelson.controllers.volumeexpand.VolumeExpandController;
import io.keelson.controllers.volumeprotection.AttributesClassProtectionController;
import io.keelson.controllers.volumeprotection.ClaimProtectionController;
import io.keelson.controllers.volumeprotection.VolumeProtectionController;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Every controller that there is, as flags have it. */
final class KnownControllers {
    /** Those for which {@code *} does not stand, as with kube-controller-manager. */
    private static final Set<String> OFF_BY_DEFAULT =
            Set.of("bootstrap-signer-controller", "selinux-warning-controller", "token-cleaner-controller");

    /** Those that are known and need flags, or a feature, to run: they are left out without. */
    static final Set<String> NEED_FLAGS = Set.of(
            "serviceaccount-token-controller",
            "root-ca-certificate-publisher-controller",
            "node-ipam-controller",
            "device-taint-eviction-controller",
            "garbage-collector-controller",
            "kube-apiserver-serving-clustertrustbundle-publisher-controller",
            "podcertificaterequest-cleaner-controller",
            "podgroup-protection-controller",
            "storage-version-migrator-controller");

    /** Those that kube-controller-manager knows, and runs with a cloud, or a feature that there is not here. */
    private static final Set<String> NOT_HERE = Set.of(
            "cloud-node-lifecycle-controller",
            "node-route-controller",
            "resourcepoolstatusrequest-controller",
            "service-lb-controller",
            "storageversion-garbage-collector-controller");

    private KnownControllers() {}

    /** A choice among controllers. One that cannot run may be named, and is then not run, as with the original. */
    static ControllerSelection selection(List<ControllerDescriptor> known) {
        Set<String> absent = new HashSet<>(NEED_FLAGS);
        absent.addAll(NOT_HERE);
        return new ControllerSelection(known, OFF_BY_DEFAULT, absent);
    }

    /**
     * All of them.
     *
     * @throws IOException if a file that a flag names cannot be read
     * @throws IllegalArgumentException if flags make no sense; its text names them
     */
    static List<ControllerDescriptor> of(NodeFlags nodes, TrustFlags trust, ObjectFlags objects, FeatureFlags features)
            throws IOException {
        List<ControllerDescriptor> controllers = new ArrayList<>();
        controllers.add(ServiceAccountController.descriptor());
        ServiceAccountTokenSettings tokens = trust.tokens();
        if (tokens != null) {
            controllers.add(ServiceAccountTokenController.descriptor(tokens));
        }
        controllers.add(LegacyTokenCleanerController.descriptor(trust.unusedTokens()));
        RootCaSettings rootCertificates = trust.rootCertificates();
        if (rootCertificates != null) {
            controllers.add(RootCaController.descriptor(rootCertificates));
            if (features.isOn("ClusterTrustBundle")
                    && !rootCertificates.rootCa().isEmpty()) {
                controllers.add(TrustBundleController.descriptor(rootCertificates));
            }
        }
        controllers.add(EndpointsController.descriptor(objects.endpoints()));
        controllers.add(EndpointSliceController.descriptor(objects.slices()));
        controllers.add(EndpointSliceMirroringController.descriptor(objects.mirroring()));
        controllers.add(ReplicationControllerController.descriptor());
        controllers.add(PodGarbageCollectorController.descriptor(objects.endedPods()));
        controllers.add(ResourceQuotaController.descriptor(objects.quotas()));
        controllers.add(NamespaceController.descriptor());
        if (objects.garbageCollector()) {
            controllers.add(GarbageCollectorController.descriptor());
        }
        controllers.add(DaemonSetController.descriptor());
        controllers.add(JobController.descriptor());
        controllers.add(DeploymentController.descriptor());
        controllers.add(ReplicaSetController.descriptor());
        controllers.add(HorizontalPodAutoscalerController.descriptor(objects.autoscaling()));
        controllers.add(DisruptionController.descriptor());
        controllers.add(StatefulSetController.descriptor());
        controllers.add(CronJobController.descriptor());
        controllers.add(SigningController.descriptor(trust.signing()));
        controllers.add(ApprovingController.descriptor());
        controllers.add(CleanerController.descriptor());
        if (features.isOn("PodCertificateRequest")) {
            controllers.add(PodRequestCleanerController.descriptor());
        }
        controllers.add(NodeTtlController.descriptor());
        controllers.add(BootstrapSignerController.descriptor());
        controllers.add(TokenCleanerController.descriptor());
        NodeIpamSettings addresses = nodes.addresses();
        if (addresses != null) {
            controllers.add(NodeIpamController.descriptor(addresses));
        }
        controllers.add(NodeLifecycleController.descriptor(nodes.lifecycle()));
        controllers.add(TaintEvictionController.descriptor());
        controllers.add(VolumeBinderController.descriptor(objects.binding()));
        controllers.add(AttachDetachController.descriptor(objects.attaching()));
        controllers.add(VolumeExpandController.descriptor());
        controllers.add(ClaimProtectionController.descriptor());
        controllers.add(VolumeProtectionController.descriptor());
        controllers.add(AttributesClassProtectionController.descriptor());
        if (features.isOn("GenericWorkload")) {
            controllers.add(PodGroupProtectionController.descriptor());
        }
        controllers.add(SelinuxWarningController.descriptor());
        controllers.add(EphemeralVolumeController.descriptor());
        controllers.add(LocalPathController.descriptor(objects.localPath()));
        controllers.add(ClusterRoleAggregationController.descriptor());
        controllers.add(TtlAfterFinishedController.descriptor());
        controllers.add(ResourceClaimController.descriptor());
        if (features.isOn("DRADeviceTaints")) {
            controllers.add(DeviceTaintEvictionController.descriptor(features.isOn("DRADeviceTaintRules")));
        }
        controllers.add(ServiceCidrController.descriptor());
        controllers.add(PolicyStatusController.descriptor());
        if (features.isOn("StorageVersionMigrator")) {
            controllers.add(StorageVersionMigratorController.descriptor());
        }
        return controllers.stream()
                .map(controller -> controller.withQueue(QueueNames.of(controller.name())))
                .toList();
    }
}
