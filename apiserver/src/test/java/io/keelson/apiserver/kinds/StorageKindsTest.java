package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.Names;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StorageKindsTest {
    private static final Kind NODES = Kind.of("csinodes.storage.k8s.io");
    private static final Kind CAPACITIES = Kind.of("csistoragecapacities.storage.k8s.io");
    private static final Kind ATTACHMENTS = Kind.of("volumeattachments.storage.k8s.io");
    private static final Kind ATTRIBUTES = Kind.of("volumeattributesclasses.storage.k8s.io");

    private static final String ATTACHMENT =
            "{metadata: {name: a}, spec: {attacher: d.example.com, nodeName: node, source: {persistentVolumeName: v}}}";

    private static String node(String drivers) {
        return "{metadata: {name: a}, spec: {drivers: [" + drivers + "]}}";
    }

    private static String named(String fields) {
        return "{metadata: {name: a}, " + fields + "}";
    }

    /** Errors between semicolons; what a name has to look like is tested elsewhere, and has a word in angles here. */
    private static List<String> errors(String texts) {
        String whole = texts.replace("<subdomain>", Names.dnsSubdomain("").getFirst())
                .replace("<name part>", Names.qualifiedName("").getLast());
        return List.of(whole.split(" ; ", -1));
    }

    @ParameterizedTest
    @CsvSource({
        "csinodes, false, false",
        "csistoragecapacities, false, false",
        "volumeattachments, false, false",
        "volumeattributesclasses, false, true",
    })
    void areWrittenLikeThis(String kind, boolean countsGenerations, boolean updatesUnconditionally) {
        Strategy strategy = Kind.of(kind + ".storage.k8s.io").resource().strategy();
        assertEquals(countsGenerations, strategy.countsGenerations());
        assertEquals(updatesUnconditionally, strategy.updatesUnconditionally());
        assertFalse(strategy.createsOnUpdate());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{name: d.example.com, nodeID: x}",
                "{name: D.Example.com, nodeID: x, allocatable: {count: 0}, topologyKeys: [example.com/zone, rack]}",
                "{name: a, nodeID: x}, {name: b, nodeID: x}",
            })
    void nodesHaveDrivers(String drivers) {
        assertEquals(List.of(), NODES.errorsOf(node(drivers)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {nodeID: x} | spec.drivers[0].name: Required value ; spec.drivers[0].name: Invalid value: "": <subdomain>
            {name: a_b, nodeID: x} | spec.drivers[0].name: Invalid value: "a_b": <subdomain>
            {name: a} | spec.drivers[0].nodeID: Required value
            {name: a, nodeID: x, allocatable: {count: -1}} | spec.drivers[0].allocatable.count: Invalid value: -1: must be \
greater than or equal to 0
            {name: a, nodeID: x}, {name: a, nodeID: z} | spec.drivers[1].name: Duplicate value: "a"
            {name: a, nodeID: x, topologyKeys: [b, b]} | spec.drivers[0]: Duplicate value: "b"
            {name: a, nodeID: x, topologyKeys: [b, '']} | spec.drivers[0]: Required value ; spec.drivers[0]: Invalid value: \
["b",""]: name part must be non-empty ; spec.drivers[0]: Invalid value: ["b",""]: <name part>
            """)
    void saysWhatIsWrongWithADriverOfANode(String drivers, String errors) {
        assertEquals(errors(errors), NODES.errorsOf(node(drivers)));
    }

    @Test
    void aDriverHasAShortNameAndNotTooLongAnIdentity() {
        assertEquals(
                List.of("spec.drivers[0].name: Too long: may not be more than 63 bytes"),
                NODES.errorsOf(node("{name: " + "d".repeat(64) + ", nodeID: x}")));
        assertEquals(List.of(), NODES.errorsOf(node("{name: a, nodeID: " + "x".repeat(256) + "}")));
        String id = "x".repeat(257);
        assertEquals(
                List.of("spec.drivers[0].nodeID: Invalid value: \"" + id + "\": must be 256 characters or less"),
                NODES.errorsOf(node("{name: a, nodeID: " + id + "}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {name: a, nodeID: x, allocatable: {count: 3}} | ''
            {name: a, nodeID: x}, {name: b, nodeID: z} | ''
            {name: b, nodeID: z} | ''
            {name: a, nodeID: z, allocatable: {count: 2}} | CSINodeDriver: Invalid value: \
{"name":"a","nodeID":"z","allocatable":{"count":2}}: field is immutable
            {name: a, nodeID: x, topologyKeys: [z]} | CSINodeDriver: Invalid value: \
{"name":"a","nodeID":"x","topologyKeys":["z"]}: field is immutable
            """)
    void aDriverOfANodeChangesOnlyHowMuchItTakes(String drivers, String error) {
        assertEquals(
                error.isEmpty() ? List.of() : List.of(error),
                NODES.errorsOfChange(node("{name: a, nodeID: x, allocatable: {count: 2}}"), node(drivers)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            storageClassName: fast | ''
            storageClassName: fast, capacity: 1Gi, maximumVolumeSize: 0, nodeTopology: {matchLabels: {zone: a}} | ''
            capacity: 1Gi | storageClassName: Invalid value: "": <subdomain>
            storageClassName: a_b | storageClassName: Invalid value: "a_b": <subdomain>
            storageClassName: fast, capacity: -1 | capacity: Invalid value: "-1": must be greater than or equal to 0
            storageClassName: fast, maximumVolumeSize: -1Gi | maximumVolumeSize: Invalid value: "-1Gi": must be greater \
than or equal to 0
            storageClassName: fast, nodeTopology: {matchExpressions: [{key: z, operator: Like}]} | \
nodeTopology.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator
            """)
    void roomIsOfAClass(String fields, String error) {
        assertEquals(error.isEmpty() ? List.of() : errors(error), CAPACITIES.errorsOf(named(fields)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            storageClassName: fast, nodeTopology: {matchLabels: {zone: a}}, capacity: 2Gi, maximumVolumeSize: 1Gi | ''
            storageClassName: slow, nodeTopology: {matchLabels: {zone: a}} | storageClassName: Invalid value: "slow": \
field is immutable
            storageClassName: fast, nodeTopology: {matchLabels: {zone: b}} | nodeTopology: Invalid value: \
{"matchLabels":{"zone":"b"}}: field is immutable
            """)
    void roomStaysWhereItIs(String fields, String error) {
        String before = named("storageClassName: fast, nodeTopology: {matchLabels: {zone: a}}, capacity: 1Gi");
        assertEquals(error.isEmpty() ? List.of() : List.of(error), CAPACITIES.errorsOfChange(before, named(fields)));
    }

    @Test
    void roomByOldLabelsOfNodesIsTold() {
        String old = named(
                "storageClassName: fast, nodeTopology: {matchLabels: {beta.kubernetes.io/os: linux, kubernetes.io/os:"
                        + " linux}, matchExpressions: [{key: a, operator: Exists}, {key: beta.kubernetes.io/arch, operator: Exists}]}");
        List<String> warnings = List.of(
                "nodeTopology.matchExpressions[1].key: beta.kubernetes.io/arch is deprecated since v1.14; use"
                        + " \"kubernetes.io/arch\" instead",
                "nodeTopology.matchLabels.beta.kubernetes.io/os: deprecated since v1.14; use \"kubernetes.io/os\" instead");
        assertEquals(warnings, CAPACITIES.warningsOf(old));
        assertEquals(warnings, CAPACITIES.warningsOfChange(old, old));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            attacher: d, nodeName: node, source: {persistentVolumeName: v} | ''
            attacher: d, nodeName: node, source: {inlineVolumeSpec: {accessModes: [ReadWriteOnce], csi: {driver: d, \
volumeHandle: h}}} | ''
            nodeName: node, source: {persistentVolumeName: v} | spec.attacher: Required value ; spec.attacher: Required \
value ; spec.attacher: Invalid value: "": <subdomain>
            attacher: a_b, nodeName: node, source: {persistentVolumeName: v} | spec.attacher: Invalid value: "a_b": <subdomain>
            attacher: d, source: {persistentVolumeName: v} | spec.nodeName: Invalid value: "": <subdomain>
            attacher: d, nodeName: Node, source: {persistentVolumeName: v} | spec.nodeName: Invalid value: "Node": <subdomain>
            attacher: d, nodeName: node | spec.source: Required value: must specify exactly one of inlineVolumeSpec and \
persistentVolumeName
            attacher: d, nodeName: node, source: {persistentVolumeName: v, inlineVolumeSpec: {}} | spec.source: Forbidden: \
must specify exactly one of inlineVolumeSpec and persistentVolumeName
            attacher: d, nodeName: node, source: {persistentVolumeName: ''} | spec.source.persistentVolumeName: Required \
value: must specify non empty persistentVolumeName ; spec.source.persistentVolumeName: Invalid value: "": <subdomain>
            attacher: d, nodeName: node, source: {persistentVolumeName: V} | spec.source.persistentVolumeName: Invalid \
value: "V": <subdomain>
            attacher: d, nodeName: node, source: {inlineVolumeSpec: {accessModes: [ReadWriteOnce], nfs: {server: s, path: \
/}}} | spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes
            """)
    void aVolumeIsAttachedToANode(String spec, String error) {
        assertEquals(error.isEmpty() ? List.of() : errors(error), ATTACHMENTS.errorsOf(named("spec: {" + spec + "}")));
    }

    @Test
    void whatIsAttachedWhereStaysAsItIs() {
        assertEquals(
                List.of("spec: Invalid value: {\"attacher\":\"d.example.com\",\"nodeName\":\"other\",\"source\":"
                        + "{\"persistentVolumeName\":\"v\"}}: field is immutable"),
                ATTACHMENTS.errorsOfChange(ATTACHMENT, ATTACHMENT.replace("nodeName: node", "nodeName: other")));
        assertEquals(
                List.of(),
                ATTACHMENTS.errorsOfChange(ATTACHMENT, ATTACHMENT.replace("name: a}", "name: a, labels: {b: c}}")));
        // An attachment of before names had to be as they have to be now can be written still.
        String old = ATTACHMENT
                .replace("d.example.com", "a_b")
                .replace("persistentVolumeName: v", "persistentVolumeName: V");
        assertEquals(List.of(), ATTACHMENTS.errorsOfChange(old, old));
    }

    @Test
    void attachersWriteTheStatusAndNothingElse() {
        assertFalse(ATTACHMENTS
                .created(ATTACHMENT.replace("spec:", "status: {attached: true}, spec:"))
                .at("/status/attached")
                .asBoolean(true));
        assertFalse(ATTACHMENTS
                .changed(ATTACHMENT, ATTACHMENT.replace("spec:", "status: {attached: true}, spec:"))
                .at("/status/attached")
                .asBoolean(true));
        ObjectNode written = ATTACHMENTS.statusChanged(
                ATTACHMENT.replace("name: a}", "name: a, labels: {b: c}, finalizers: [d/e]}"), object -> {
                    object.putObject("status").put("attached", true);
                    object.putObject("spec").put("nodeName", "m");
                    ObjectNode metadata = ObjectMeta.metadata(object);
                    metadata.putObject("labels").put("b", "other");
                    metadata.putObject("annotations").put("b", "new");
                    metadata.remove("finalizers");
                    metadata.putArray("ownerReferences").addObject().put("name", "owner");
                });
        assertTrue(written.at("/status/attached").asBoolean());
        assertEquals("node", written.at("/spec/nodeName").asText());
        assertEquals("c", written.at("/metadata/labels/b").asText());
        assertEquals("d/e", written.at("/metadata/finalizers/0").asText());
        assertFalse(ObjectMeta.metadata(written).has("annotations"));
        assertFalse(ObjectMeta.metadata(written).has("ownerReferences"));
    }

    @Test
    void whatAnAttacherSaysIsNotTooLong() {
        for (String field : List.of("attachError", "detachError")) {
            assertEquals(
                    List.of(),
                    ATTACHMENTS.errorsOfStatusChange(
                            ATTACHMENT,
                            object -> ((ObjectNode) object.path("status"))
                                    .putObject(field)
                                    .put("message", "x".repeat(1024))));
            assertEquals(
                    List.of("status." + field + ".message: Too long: may not be more than 1024 bytes"),
                    ATTACHMENTS.errorsOfStatusChange(
                            ATTACHMENT,
                            object -> ((ObjectNode) object.path("status"))
                                    .putObject(field)
                                    .put("message", "ü".repeat(513))));
        }
        assertEquals(
                List.of("status.attachmentMetadata: Too long: may not be more than 262144 bytes"),
                ATTACHMENTS.errorsOfStatusChange(
                        ATTACHMENT,
                        object -> ((ObjectNode) object.path("status"))
                                .putObject("attachmentMetadata")
                                .put("key", "x".repeat(256 * 1024 - 2))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            driverName: csi.example.com, parameters: {speed: fast} | ''
            driverName: CSI.example.com, parameters: {speed: ''} | ''
            driverName: example.com/csi_driver, parameters: {speed: fast} | ''
            parameters: {speed: fast} | driverName: Required value
            driverName: A b, parameters: {speed: fast} | driverName: Invalid value: "a b": <name part>
            driverName: csi.example.com | parameters: Required value: must contain at least one key/value pair
            driverName: csi.example.com, parameters: {'': fast} | parameters: Invalid value: "": field can not be empty.
            """)
    void attributesAreOfADriver(String fields, String error) {
        assertEquals(error.isEmpty() ? List.of() : errors(error), ATTRIBUTES.errorsOf(named(fields)));
    }

    @Test
    void thereAreNotTooManyAttributes() {
        String many = IntStream.range(0, 513).mapToObj(i -> "k" + i + ": v").collect(Collectors.joining(", "));
        assertEquals(
                List.of("parameters: Too long: may not be more than 512 bytes"),
                ATTRIBUTES.errorsOf(named("driverName: d, parameters: {" + many + "}")));
        assertEquals(
                List.of("parameters: Too long: may not be more than 262144 bytes"),
                ATTRIBUTES.errorsOf(named("driverName: d, parameters: {key: " + "x".repeat(256 * 1024 - 2) + "}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            driverName: d, parameters: {speed: fast} | ''
            driverName: e, parameters: {speed: fast} | driverName: Forbidden: updates to driverName are forbidden.
            driverName: d, parameters: {speed: slow} | parameters: Forbidden: updates to parameters are forbidden.
            """)
    void attributesNeverChange(String fields, String error) {
        String before = named("driverName: d, parameters: {speed: fast}");
        assertEquals(error.isEmpty() ? List.of() : List.of(error), ATTRIBUTES.errorsOfChange(before, named(fields)));
    }
}
