package io.keelson.apiserver.kinds;

import io.keelson.apiserver.kinds.storage.CsiDriverStrategy;
import io.keelson.apiserver.kinds.storage.CsiNodeStrategy;
import io.keelson.apiserver.kinds.storage.CsiStorageCapacityStrategy;
import io.keelson.apiserver.kinds.storage.StorageClassStrategy;
import io.keelson.apiserver.kinds.storage.VolumeAttachmentStrategy;
import io.keelson.apiserver.kinds.storage.VolumeAttributesClassStrategy;
import io.keelson.apiserver.printing.StorageColumns;
import io.keelson.apiserver.resource.Resource;
import java.util.List;

/** The kinds of storage that are not in the core group. */
final class StorageKinds {
    private static final ApiGroup STORAGE = new ApiGroup("storage.k8s.io", "v1");

    private StorageKinds() {}

    static List<Resource> list() {
        return List.of(
                STORAGE.kind("csidrivers", "CSIDriver", StorageColumns.CSI_DRIVERS)
                        .clusterScoped()
                        .strategy(new CsiDriverStrategy())
                        .build(),
                STORAGE.kind("csinodes", "CSINode", StorageColumns.CSI_NODES)
                        .clusterScoped()
                        .strategy(new CsiNodeStrategy())
                        .build(),
                STORAGE.kind("csistoragecapacities", "CSIStorageCapacity", StorageColumns.CSI_CAPACITIES)
                        .strategy(new CsiStorageCapacityStrategy())
                        .build(),
                STORAGE.kind("storageclasses", "StorageClass", StorageColumns.CLASSES)
                        .clusterScoped()
                        .shortNames("sc")
                        .strategy(new StorageClassStrategy())
                        .build(),
                STORAGE.kind("volumeattachments", "VolumeAttachment", StorageColumns.ATTACHMENTS)
                        .clusterScoped()
                        .subresource(STORAGE.status("VolumeAttachment"))
                        .strategy(new VolumeAttachmentStrategy())
                        .build(),
                STORAGE.kind("volumeattributesclasses", "VolumeAttributesClass", StorageColumns.ATTRIBUTES_CLASSES)
                        .clusterScoped()
                        .shortNames("vac")
                        .strategy(new VolumeAttributesClassStrategy())
                        .build());
    }
}
