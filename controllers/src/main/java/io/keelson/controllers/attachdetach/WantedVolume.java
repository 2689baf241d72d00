package io.keelson.controllers.attachdetach;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachmentBuilder;
import io.keelson.controllers.objects.OrEmpty;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A volume that pods of a node want.
 *
 * @param volume one with a {@code csi} source
 * @param pods those of the node that want it
 */
record WantedVolume(PersistentVolume volume, List<Pod> pods) {
    /** The volume's name. */
    String name() {
        return volume.getMetadata().getName();
    }

    /** The name by which nodes know a CSI volume, in {@code volumesAttached} and {@code volumesInUse}. */
    static String nodeName(PersistentVolume volume) {
        return "kubernetes.io/csi/" + driver(volume) + '^'
                + OrEmpty.of(volume.getSpec().getCsi().getVolumeHandle());
    }

    /** The name of the attachment of a CSI volume to a node: the same whoever makes it. */
    static String attachmentName(PersistentVolume volume, String node) {
        String content = OrEmpty.of(volume.getSpec().getCsi().getVolumeHandle()) + driver(volume) + node;
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
            return "csi-" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** The attachment of this volume to a node. */
    VolumeAttachment attachment(String node) {
        return new VolumeAttachmentBuilder()
                .withNewMetadata()
                .withName(attachmentName(volume, node))
                .endMetadata()
                .withNewSpec()
                .withAttacher(driver(volume))
                .withNodeName(node)
                .withNewSource()
                .withPersistentVolumeName(name())
                .endSource()
                .endSpec()
                .build();
    }

    /** Whether only one node at a time may have it; if no mode is said the driver decides. */
    boolean isExclusive() {
        List<String> modes = OrEmpty.of(volume.getSpec().getAccessModes());
        return !modes.isEmpty() && !modes.contains("ReadWriteMany") && !modes.contains("ReadOnlyMany");
    }

    /** Who attaches it. */
    String driver() {
        return driver(volume);
    }

    private static String driver(PersistentVolume volume) {
        return OrEmpty.of(volume.getSpec().getCsi().getDriver());
    }
}
