package io.keelson.apiserver.printing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.resource.Column;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How volumes and what belongs to storage are shown. */
public final class StorageColumns {
    public static final List<Column> VOLUMES = Columns.named()
            .text(
                    "Capacity",
                    "How large it is.",
                    o -> Texts.quantity(o.path("spec").path("capacity").path("storage")))
            .text(
                    "Access Modes",
                    "How it can be mounted.",
                    o -> accessModes(o.path("spec").path("accessModes")))
            .text(
                    "Reclaim Policy",
                    "What becomes of it once it is not claimed any more.",
                    o -> o.path("spec").path("persistentVolumeReclaimPolicy").asText(""))
            .text("Status", "Whether it is claimed.", StorageColumns::phase)
            .text("Claim", "By whom.", o -> {
                JsonNode claim = o.path("spec").path("claimRef");
                return claim.isObject()
                        ? claim.path("namespace").asText("") + "/"
                                + claim.path("name").asText("")
                        : "";
            })
            .text("StorageClass", "Its class of storage.", StorageColumns::storageClass)
            .text(
                    "VolumeAttributesClass",
                    "Its class of attributes.",
                    o -> Texts.orUnset(o.path("spec").path("volumeAttributesClassName")))
            .text(
                    "Reason",
                    "Why it is in that state.",
                    o -> o.path("status").path("reason").asText(""))
            .age()
            .wide(
                    "VolumeMode",
                    "Whether it is a file system or a device.",
                    o -> Texts.orUnset(o.path("spec").path("volumeMode")))
            .list();

    public static final List<Column> CLAIMS = Columns.named()
            .text("Status", "Whether it has a volume.", StorageColumns::phase)
            .text("Volume", "Which one.", o -> o.path("spec").path("volumeName").asText(""))
            .text(
                    "Capacity",
                    "How large that is.",
                    o -> bound(o)
                            ? Texts.quantity(o.path("status").path("capacity").path("storage"))
                            : "")
            .text(
                    "Access Modes",
                    "How it can be mounted.",
                    o -> bound(o) ? accessModes(o.path("status").path("accessModes")) : "")
            .text("StorageClass", "Its class of storage.", StorageColumns::storageClass)
            .text(
                    "VolumeAttributesClass",
                    "Its class of attributes.",
                    o -> Texts.orUnset(o.path("spec").path("volumeAttributesClassName")))
            .age()
            .wide(
                    "VolumeMode",
                    "Whether it is a file system or a device.",
                    o -> Texts.orUnset(o.path("spec").path("volumeMode")))
            .list();

    public static final List<Column> CLASSES = Columns.begin()
            .name(o -> withDefault(
                    o,
                    "storageclass.kubernetes.io/is-default-class",
                    "storageclass.beta.kubernetes.io/is-default-class"))
            .text(
                    "Provisioner",
                    "Who makes its volumes.",
                    o -> o.path("provisioner").asText(""))
            .text(
                    "ReclaimPolicy",
                    "What becomes of volumes that are not claimed any more.",
                    o -> o.path("reclaimPolicy").asText("Delete"))
            .text(
                    "VolumeBindingMode",
                    "When volumes are made.",
                    o -> o.path("volumeBindingMode").asText("Immediate"))
            .flag(
                    "AllowVolumeExpansion",
                    "Whether volumes may grow.",
                    o -> o.path("allowVolumeExpansion").asBoolean())
            .age()
            .list();

    public static final List<Column> ATTRIBUTES_CLASSES = Columns.begin()
            .name(o -> withDefault(o, "volumeattributesclass.alpha.kubernetes.io/is-default-class"))
            .text(
                    "DriverName",
                    "Whose volumes may have it.",
                    o -> o.path("driverName").asText(""))
            .age()
            .list();

    public static final List<Column> ATTACHMENTS = Columns.named()
            .add(
                    "Attacher",
                    "string",
                    "name",
                    "Who attaches it.",
                    0,
                    (o, now) -> TextNode.valueOf(o.path("spec").path("attacher").asText("")))
            .text(
                    "PV",
                    "Which volume.",
                    o -> o.path("spec")
                            .path("source")
                            .path("persistentVolumeName")
                            .asText(""))
            .text("Node", "To which node.", o -> o.path("spec").path("nodeName").asText(""))
            .flag(
                    "Attached",
                    "Whether it is.",
                    o -> o.path("status").path("attached").asBoolean())
            .age()
            .list();

    public static final List<Column> CSI_NODES = Columns.named()
            .number(
                    "Drivers",
                    "How many drivers there are on the node.",
                    o -> o.path("spec").path("drivers").size())
            .age()
            .list();

    public static final List<Column> CSI_DRIVERS = Columns.named()
            .flag(
                    "AttachRequired",
                    "Whether its volumes have to be attached before they are mounted.",
                    o -> o.path("spec").path("attachRequired").asBoolean(true))
            .flag(
                    "PodInfoOnMount",
                    "Whether it is told of the pod.",
                    o -> o.path("spec").path("podInfoOnMount").asBoolean())
            .flag(
                    "StorageCapacity",
                    "Whether it says how much room there is.",
                    o -> o.path("spec").path("storageCapacity").asBoolean())
            .text("TokenRequests", "For whom it wants tokens.", o -> {
                JsonNode requests = o.path("spec").path("tokenRequests");
                return requests.isArray() ? Texts.each(requests, "audience") : Columns.UNSET;
            })
            .flag(
                    "RequiresRepublish",
                    "Whether it wants to be called again and again.",
                    o -> o.path("spec").path("requiresRepublish").asBoolean())
            .text("Modes", "What kinds of volumes it has.", o -> {
                String modes = Texts.each(o.path("spec").path("volumeLifecycleModes"), "");
                return modes.isEmpty() ? Columns.NONE : modes;
            })
            .age()
            .list();

    public static final List<Column> CSI_CAPACITIES = Columns.named()
            .text(
                    "StorageClassName",
                    "Of which class of storage.",
                    o -> o.path("storageClassName").asText(""))
            .text(
                    "Capacity",
                    "How much room there is.",
                    o -> o.path("capacity").isValueNode() && !o.path("capacity").isNull()
                            ? Texts.quantity(o.path("capacity"))
                            : Columns.UNSET)
            .list();

    private static final Map<String, String> MODES =
            Map.of("ReadWriteOnce", "RWO", "ReadOnlyMany", "ROX", "ReadWriteMany", "RWX", "ReadWriteOncePod", "RWOP");

    private StorageColumns() {}

    private static String phase(JsonNode object) {
        return Texts.deleted(object)
                ? "Terminating"
                : object.path("status").path("phase").asText("");
    }

    private static boolean bound(JsonNode claim) {
        return !claim.path("spec").path("volumeName").asText("").isEmpty();
    }

    private static String accessModes(JsonNode modes) {
        List<String> given = Texts.texts(modes, "");
        return Stream.of("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
                .filter(given::contains)
                .map(mode -> MODES.getOrDefault(mode, mode))
                .collect(Collectors.joining(","));
    }

    private static String storageClass(JsonNode object) {
        JsonNode annotation =
                object.path("metadata").path("annotations").path("volume.beta.kubernetes.io/storage-class");
        return annotation.isTextual()
                ? annotation.asText()
                : object.path("spec").path("storageClassName").asText("");
    }

    private static String withDefault(JsonNode object, String... annotations) {
        String name = object.path("metadata").path("name").asText();
        boolean isDefault = Stream.of(annotations)
                .anyMatch(annotation -> object.path("metadata")
                        .path("annotations")
                        .path(annotation)
                        .asText()
                        .equals("true"));
        return isDefault ? name + " (default)" : name;
    }
}
