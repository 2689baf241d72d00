package io.keelson.agent.volumes;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** How volumes of storage plugins, and their folders, are called: as the kubelet and the controllers call them. */
final class CsiNames {
    /** The folder of all devices, beside those of plugins. */
    static final String DEVICES = "volumeDevices";

    private CsiNames() {}

    /** A name that is the same for the same text. */
    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** The handle of a volume that lives as long as its pod. */
    static String ephemeralHandle(String podUid, String volume) {
        return "csi-" + hash(podUid + volume);
    }

    /** The name of the VolumeAttachment of a volume to this node. */
    static String attachment(CsiNote note) {
        return "csi-" + hash(note.handle() + note.driver() + note.node());
    }

    /** A volume's name in {@code volumesInUse}. */
    static String inUse(CsiNote note) {
        return "kubernetes.io/csi/" + note.driver() + '^' + note.handle();
    }

    /** The folder of a volume that is staged for all pods. */
    static Path staging(VolumeFolders folders, CsiNote note) {
        return folders.plugin(CsiVolumes.PLUGIN)
                .resolve(VolumeFolders.checked(note.driver()))
                .resolve(hash(note.handle()));
    }

    private static Path devices(VolumeFolders folders) {
        return folders.plugin(CsiVolumes.PLUGIN).resolve(DEVICES);
    }

    /** Where a device is noted. */
    static Path deviceData(VolumeFolders folders, String volume) {
        return devices(folders).resolve(VolumeFolders.checked(volume)).resolve("data");
    }

    /** Where a device is staged. */
    static Path deviceStaging(VolumeFolders folders, String volume) {
        return devices(folders).resolve("staging").resolve(VolumeFolders.checked(volume));
    }

    /** The folder of what a device is published as, by pods' uids. */
    static Path devicePublished(VolumeFolders folders, String volume) {
        return devices(folders).resolve("publish").resolve(VolumeFolders.checked(volume));
    }
}
