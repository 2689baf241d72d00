package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What is wrong with sources of volumes that pods and persistent volumes have in common. */
public final class VolumeSourceRules {
    private static final String PARTITION_WRONG = "must be in the range 1-255";
    private static final Pattern IQN = Pattern.compile("iqn\\.\\d{4}-\\d{2}\\.([a-zA-Z0-9-.]+)(:[^,;*&$|\\s]+)");
    private static final Pattern EUI = Pattern.compile("eui\\.[a-fA-F0-9]{16}");
    private static final Pattern NAA = Pattern.compile("naa\\.[a-fA-F0-9]{32}");
    private static final int PORTAL_CHARS_MAX = 64;
    private static final String DISK_OF_AZURE =
            "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
    private static final String BLOB_OF_AZURE =
            "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";

    private VolumeSourceRules() {}

    /**
     * Looks over a source.
     *
     * @param type the field it stands in
     * @param volumeName of the volume around it
     * @param persistent whether that is a persistent volume
     */
    public static void source(String type, Place source, String volumeName, boolean persistent) {
        switch (type) {
            case "hostPath" -> hostPath(source);
            case "gcePersistentDisk" -> {
                source.at("pdName").mustBeFilled();
                partition(source.at("partition"));
            }
            case "awsElasticBlockStore" -> {
                source.at("volumeID").mustBeFilled();
                partition(source.at("partition"));
            }
            case "nfs" -> {
                source.at("server").mustBeFilled();
                source.at("path").mustBeFilled();
                if (!source.at("path").text().startsWith("/")) {
                    source.at("path").invalid("must be an absolute path");
                }
            }
            case "iscsi" -> iscsi(source, volumeName);
            case "glusterfs" -> filled(source, "endpoints", "path");
            case "flocker" -> flocker(source);
            case "rbd" -> {
                if (source.at("monitors").size() == 0) {
                    source.at("monitors").required("");
                }
                source.at("image").mustBeFilled();
            }
            case "cinder" -> {
                source.at("volumeID").mustBeFilled();
                secretName(source, persistent);
            }
            case "cephfs" -> source.at("monitors").mustBeFilled();
            case "quobyte" -> quobyte(source);
            case "fc" -> fibreChannel(source);
            case "flexVolume" -> flex(source);
            case "azureFile" -> {
                filled(source, "secretName", "shareName");
                if (persistent && source.at("secretNamespace").present()) {
                    source.at("secretNamespace").mustBeFilled();
                }
            }
            case "vsphereVolume" -> source.at("volumePath").mustBeFilled();
            case "photonPersistentDisk" -> source.at("pdID").mustBeFilled();
            case "portworxVolume" -> source.at("volumeID").mustBeFilled();
            case "azureDisk" -> azureDisk(source);
            case "storageos" -> {
                source.at("volumeName").requireAndCheck(Names::dnsLabel);
                source.at("volumeNamespace").checkIfFilled(Names::dnsLabel);
                secretName(source, persistent);
            }
            case "scaleIO" -> filled(source, "gateway", "system", "volumeName");
            case "local" -> {
                if (source.at("path").empty()) {
                    source.at("path").required("");
                } else {
                    PathRules.noBacksteps(source.at("path"));
                }
            }
            case "csi" -> csi(source, persistent);
            default -> throw new IllegalArgumentException(type);
        }
    }

    /** The name of a driver of storage; upper case counts as lower case. */
    public static void driverName(Place name) {
        if (name.empty()) {
            name.required("");
        }
        if (name.text().length() > Names.LABEL_BYTES_MAX) {
            name.tooLong(Names.LABEL_BYTES_MAX);
        }
        name.check(text -> Names.dnsSubdomain(text.toLowerCase(Locale.ROOT)));
    }

    private static void filled(Place source, String... fields) {
        for (String field : fields) {
            source.at(field).mustBeFilled();
        }
    }

    private static void secretName(Place source, boolean persistent) {
        Place secret = source.at("secretRef");
        if (secret.present()) {
            secret.at("name").mustBeFilled();
            if (persistent) {
                secret.at("namespace").mustBeFilled();
            }
        }
    }

    private static void hostPath(Place source) {
        Place path = source.at("path");
        if (path.empty()) {
            path.required("");
            return;
        }
        PathRules.noBacksteps(path);
        Place type = source.at("type");
        if (type.filled()) {
            type.oneOf(
                    "",
                    "BlockDevice",
                    "CharDevice",
                    "Directory",
                    "DirectoryOrCreate",
                    "File",
                    "FileOrCreate",
                    "Socket");
        }
    }

    private static void partition(Place partition) {
        if (partition.number() < 0 || partition.number() > 255) {
            partition.invalid(PARTITION_WRONG);
        }
    }

    private static void iscsi(Place source, String volumeName) {
        Place portal = source.at("targetPortal");
        portal.mustBeFilled();
        if (source.at("initiatorName").present() && (volumeName + ":" + portal.text()).length() > PORTAL_CHARS_MAX) {
            portal.invalid("Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if"
                    + " iscsi.initiatorName is specified.");
        }
        if (source.at("iqn").empty()) {
            source.at("iqn").required("");
        } else {
            qualified(source.at("iqn"));
        }
        Place lun = source.at("lun");
        if (lun.number() < 0 || lun.number() > 255) {
            lun.within(0, 255);
        }
        if ((source.at("chapAuthDiscovery").flag()
                        || source.at("chapAuthSession").flag())
                && source.at("secretRef").absent()) {
            source.at("secretRef").required("");
        }
        if (source.at("initiatorName").present()) {
            qualified(source.at("initiatorName").as(source.path().child("initiatorname")));
        }
    }

    private static void qualified(Place name) {
        String text = name.text();
        if (!text.startsWith("iqn") && !text.startsWith("eui") && !text.startsWith("naa")) {
            name.invalid("must be valid format starting with iqn, eui, or naa");
        } else if (!IQN.matcher(text).matches()
                && !EUI.matcher(text).matches()
                && !NAA.matcher(text).matches()) {
            name.invalid("must be valid format");
        }
    }

    private static void flocker(Place source) {
        boolean name = source.at("datasetName").filled();
        boolean id = source.at("datasetUUID").filled();
        if (!name && !id) {
            source.required("one of datasetName and datasetUUID is required");
        }
        if (name && id) {
            source.invalid("resource", "datasetName and datasetUUID can not be specified simultaneously");
        }
        if (source.at("datasetName").text().indexOf('/') >= 0) {
            source.at("datasetName").invalid("must not contain '/'");
        }
    }

    private static void quobyte(Place source) {
        String wrong = "must be a host:port pair or multiple pairs separated by commas";
        Place registry = source.at("registry");
        if (registry.empty()) {
            registry.required(wrong);
        } else if (source.at("tenant").text().length() >= 65) {
            source.at("tenant").required("must be a UUID and may not exceed a length of 64 characters");
        } else {
            for (String pair : registry.text().split(",", -1)) {
                if (pair.indexOf(':') < 0 || pair.indexOf(':') != pair.lastIndexOf(':')) {
                    registry.invalid(wrong);
                }
            }
        }
        source.at("volume").mustBeFilled();
    }

    private static void fibreChannel(Place source) {
        Place names = source.at("targetWWNs");
        boolean ids = source.at("wwids").size() > 0;
        if (names.size() == 0 && !ids) {
            names.required("must specify either targetWWNs or wwids, but not both");
        }
        if (names.size() > 0 && ids) {
            names.invalid("targetWWNs and wwids can not be specified simultaneously");
        }
        if (names.size() > 0) {
            if (source.at("lun").absent()) {
                source.at("lun").required("lun is required if targetWWNs is specified");
            } else {
                source.at("lun").within(0, 255);
            }
        }
    }

    private static void flex(Place source) {
        source.at("driver").mustBeFilled();
        for (Place option : source.at("options").entries()) {
            String namespace = "." + option.key().split("/", 2)[0].toLowerCase(Locale.ROOT);
            if (namespace.endsWith(".kubernetes.io") || namespace.endsWith(".k8s.io")) {
                option.invalid(option.key(), "kubernetes.io and k8s.io namespaces are reserved");
            }
        }
    }

    private static void azureDisk(Place source) {
        filled(source, "diskName", "diskURI");
        source.at("cachingMode").oneOfIfPresent("None", "ReadOnly", "ReadWrite");
        Place kind = source.at("kind");
        kind.oneOfIfPresent("Dedicated", "Managed", "Shared");
        Place uri = source.at("diskURI");
        if (kind.is("Managed") && !uri.text().startsWith("/subscriptions/")) {
            uri.notSupported(DISK_OF_AZURE);
        }
        if (kind.present() && !kind.is("Managed") && !uri.text().startsWith("https://")) {
            uri.notSupported(BLOB_OF_AZURE);
        }
    }

    private static void csi(Place source, boolean persistent) {
        driverName(source.at("driver"));
        if (!persistent) {
            Place secret = source.at("nodePublishSecretRef");
            if (secret.present()) {
                if (secret.at("name").empty()) {
                    secret.at("name").required("");
                } else {
                    secret.at("name").as(source.path().child("name")).check(Names::dnsSubdomain);
                }
            }
            return;
        }
        source.at("volumeHandle").mustBeFilled();
        for (String field : List.of(
                "controllerPublishSecretRef",
                "controllerExpandSecretRef",
                "nodePublishSecretRef",
                "nodeExpandSecretRef")) {
            Place secret = source.at(field);
            if (secret.present()) {
                secret.at("name").requireAndCheck(Names::dnsSubdomain);
                secret.at("namespace").requireAndCheck(Names::dnsLabel);
            }
        }
    }
}
