package io.keelson.apiserver.kinds;

import io.keelson.apiserver.kinds.certificates.ClusterTrustBundleStrategy;
import io.keelson.apiserver.kinds.certificates.PodCertificateRequestStrategy;
import io.keelson.apiserver.kinds.cluster.StorageVersionMigrationStrategy;
import io.keelson.apiserver.kinds.devices.DeviceTaintRuleStrategy;
import io.keelson.apiserver.kinds.scheduling.PodGroupStrategy;
import io.keelson.apiserver.kinds.scheduling.WorkloadStrategy;
import io.keelson.apiserver.printing.GenericColumns;
import io.keelson.apiserver.printing.TrustColumns;
import java.time.InstantSource;
import java.util.List;

/** The kinds of versions that nobody is served by default. */
final class OnDemandKinds {
    private static final ApiGroup CERTIFICATES = new ApiGroup("certificates.k8s.io", "v1beta1");
    private static final ApiGroup DEVICES = new ApiGroup("resource.k8s.io", "v1beta2");
    private static final ApiGroup SCHEDULING = new ApiGroup("scheduling.k8s.io", "v1alpha2");
    private static final ApiGroup MIGRATION = new ApiGroup("storagemigration.k8s.io", "v1beta1");

    private OnDemandKinds() {}

    static List<OnDemandKind> list() {
        return List.of(
                new OnDemandKind(
                        "ClusterTrustBundle",
                        CERTIFICATES
                                .kind("clustertrustbundles", "ClusterTrustBundle", TrustColumns.BUNDLES)
                                .clusterScoped()
                                .strategy(new ClusterTrustBundleStrategy())
                                .build()),
                new OnDemandKind(
                        "PodCertificateRequest",
                        CERTIFICATES
                                .kind("podcertificaterequests", "PodCertificateRequest", TrustColumns.POD_REQUESTS)
                                .subresource(CERTIFICATES.status("PodCertificateRequest"))
                                .strategy(new PodCertificateRequestStrategy(InstantSource.system()))
                                .build()),
                new OnDemandKind(
                        "DRADeviceTaintRules",
                        DEVICES.kind("devicetaintrules", "DeviceTaintRule", GenericColumns.NAME_AND_CREATED_AT)
                                .clusterScoped()
                                .subresource(DEVICES.status("DeviceTaintRule"))
                                .strategy(new DeviceTaintRuleStrategy())
                                .build()),
                new OnDemandKind(
                        "GenericWorkload",
                        SCHEDULING
                                .kind("workloads", "Workload", GenericColumns.NAME_AND_CREATED_AT)
                                .strategy(new WorkloadStrategy())
                                .build()),
                new OnDemandKind(
                        "GenericWorkload",
                        SCHEDULING
                                .kind("podgroups", "PodGroup", GenericColumns.NAME_AND_CREATED_AT)
                                .subresource(SCHEDULING.status("PodGroup"))
                                .strategy(new PodGroupStrategy())
                                .build()),
                new OnDemandKind(
                        "StorageVersionMigrator",
                        MIGRATION
                                .kind(
                                        "storageversionmigrations",
                                        "StorageVersionMigration",
                                        GenericColumns.NAME_AND_CREATED_AT)
                                .clusterScoped()
                                .subresource(MIGRATION.status("StorageVersionMigration"))
                                .strategy(new StorageVersionMigrationStrategy())
                                .build()));
    }
}
