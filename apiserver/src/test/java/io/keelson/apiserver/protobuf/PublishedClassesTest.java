package io.keelson.apiserver.protobuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Admission;
import io.kubernetes.client.proto.V1Admissionregistration;
import io.kubernetes.client.proto.V1Apiextensions;
import io.kubernetes.client.proto.V1Apps;
import io.kubernetes.client.proto.V1Authentication;
import io.kubernetes.client.proto.V1Authorization;
import io.kubernetes.client.proto.V1Autoscaling;
import io.kubernetes.client.proto.V1Batch;
import io.kubernetes.client.proto.V1Certificates;
import io.kubernetes.client.proto.V1Coordination;
import io.kubernetes.client.proto.V1Discovery;
import io.kubernetes.client.proto.V1Events;
import io.kubernetes.client.proto.V1Flowcontrol;
import io.kubernetes.client.proto.V1Networking;
import io.kubernetes.client.proto.V1Node;
import io.kubernetes.client.proto.V1Policy;
import io.kubernetes.client.proto.V1Rbac;
import io.kubernetes.client.proto.V1Resource;
import io.kubernetes.client.proto.V1Scheduling;
import io.kubernetes.client.proto.V1Storage;
import io.kubernetes.client.proto.V2Autoscaling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The official Java client's generated classes understand our bytes, and agree with our table. */
class PublishedClassesTest {
    private static final List<FileDescriptor> FILES = List.of(
            Meta.getDescriptor(),
            V1.getDescriptor(),
            V1Admission.getDescriptor(),
            V1Admissionregistration.getDescriptor(),
            V1Apiextensions.getDescriptor(),
            V1Apps.getDescriptor(),
            V1Authentication.getDescriptor(),
            V1Authorization.getDescriptor(),
            V1Autoscaling.getDescriptor(),
            V1Batch.getDescriptor(),
            V1Certificates.getDescriptor(),
            V1Coordination.getDescriptor(),
            V1Discovery.getDescriptor(),
            V1Events.getDescriptor(),
            V1Flowcontrol.getDescriptor(),
            V1Networking.getDescriptor(),
            V1Node.getDescriptor(),
            V1Policy.getDescriptor(),
            V1Rbac.getDescriptor(),
            V1Resource.getDescriptor(),
            V1Scheduling.getDescriptor(),
            V1Storage.getDescriptor(),
            V2Autoscaling.getDescriptor());

    private static final Map<String, Descriptor> DESCRIPTORS = new HashMap<>();

    static {
        for (FileDescriptor file : FILES) {
            for (Descriptor message : file.getMessageTypes()) {
                String name = message.getFullName().substring("k8s.io.".length());
                DESCRIPTORS.put("io.k8s." + name.replace('_', '-'), message);
            }
        }
    }

    /** Where JSON has a name of its own; all others are the same in both worlds. */
    private static final Map<String, String> OTHER_NAMES = Map.ofEntries(
            Map.entry("Webhooks", "webhooks"),
            Map.entry("Expression", "expression"),
            Map.entry("Name", "name"),
            Map.entry("uID", "uid"),
            Map.entry("aPIGroup", "apiGroup"),
            Map.entry("schema", "$schema"),
            Map.entry("ref", "$ref"),
            Map.entry("xKubernetesPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields"),
            Map.entry("xKubernetesEmbeddedResource", "x-kubernetes-embedded-resource"),
            Map.entry("xKubernetesIntOrString", "x-kubernetes-int-or-string"),
            Map.entry("xKubernetesListMapKeys", "x-kubernetes-list-map-keys"),
            Map.entry("xKubernetesListType", "x-kubernetes-list-type"),
            Map.entry("xKubernetesMapType", "x-kubernetes-map-type"),
            Map.entry("xKubernetesValidations", "x-kubernetes-validations"));

    /** What their classes have and Kubernetes 1.36 does not. */
    private static final Set<String> NEWER = Set.of(
            "k8s.io.api.autoscaling.v1.HorizontalPodAutoscalerCondition.observedGeneration",
            "k8s.io.api.autoscaling.v2.HorizontalPodAutoscalerCondition.observedGeneration");

    @Test
    void theyKnowTheSameFields() {
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (String name : MessageTable.names()) {
            Descriptor descriptor = DESCRIPTORS.get(name);
            if (descriptor == null) {
                continue;
            }
            Message message = MessageTable.get(name);
            for (FieldDescriptor published : descriptor.getFields()) {
                Field field = message.field(published.getNumber());
                if (field == null) {
                    if (!NEWER.contains(published.getFullName())) {
                        differences.add("we lack " + published.getFullName());
                    }
                    continue;
                }
                compared++;
                boolean sameName = field.inline()
                        || field.name().equals(published.getName())
                        || field.name().equals(OTHER_NAMES.get(published.getName()));
                if (!sameName || !sameType(field.type(), published)) {
                    differences.add(published.getFullName() + " is " + field);
                }
            }
            for (Field field : message.fields()) {
                if (descriptor.findFieldByNumber(field.number()) == null) {
                    differences.add("they lack " + name + "." + field.name());
                }
            }
        }
        assertEquals(List.of(), differences);
        assertTrue(compared > 2_000, "only few were compared: " + compared);
    }

    private static boolean sameType(FieldType type, FieldDescriptor published) {
        return switch (type) {
            case FieldType.Repeated list -> published.isRepeated() && sameElement(list.element(), published);
            case FieldType.Mapped map ->
                published.isMapField()
                        && sameElement(map.value(), published.getMessageType().findFieldByNumber(2));
            default -> !published.isRepeated() && sameElement(type, published);
        };
    }

    private static boolean sameElement(FieldType type, FieldDescriptor published) {
        if (type instanceof FieldType.Scalar scalar) {
            return published.getType().name().equals(scalar.name());
        }
        if (published.getType() != FieldDescriptor.Type.MESSAGE) {
            return false;
        }
        String message = published.getMessageType().getName();
        return switch (type) {
            case FieldType.Nested nested -> nested.toString().endsWith("." + message);
            case FieldType.Special special ->
                switch (special) {
                    case TIME -> message.equals("Time");
                    case MICRO_TIME -> message.equals("MicroTime");
                    case QUANTITY -> message.equals("Quantity");
                    case INT_OR_STRING -> message.equals("IntOrString");
                    case RAW -> Set.of("RawExtension", "FieldsV1", "JSON").contains(message);
                };
            case FieldType.Listed _ -> Set.of("Verbs", "ExtraValue").contains(message);
            case FieldType.SchemaOr _ -> message.startsWith("JSONSchemaPropsOr");
            case FieldType.Scalar _, FieldType.Repeated _, FieldType.Mapped _ -> false;
        };
    }

    @Test
    void theyReadWhatWeWrite() throws InvalidProtocolBufferException {
        int read = 0;
        for (GroupVersionKind kind : MessageTable.kinds()) {
            Message message = MessageTable.find(kind);
            Descriptor descriptor = message == null ? null : DESCRIPTORS.get(message.name());
            if (descriptor == null) {
                continue;
            }
            byte[] bytes = KubernetesProtobuf.encode(FilledObjects.of(kind));
            Runtime.Unknown unknown = Runtime.Unknown.parseFrom(Arrays.copyOfRange(bytes, 4, bytes.length));
            assertEquals(kind.kind(), unknown.getTypeMeta().getKind());
            assertEquals(kind.groupVersion().toString(), unknown.getTypeMeta().getApiVersion());
            DynamicMessage object = DynamicMessage.parseFrom(descriptor, unknown.getRaw());
            assertTrue(isKnown(object), kind + " has fields that they do not know");
            assertArrayEquals(unknown.getRaw().toByteArray(), object.toByteArray(), kind.toString());
            read++;
        }
        assertTrue(read > 120, "only few kinds were read: " + read);
    }

    private static boolean isKnown(com.google.protobuf.Message message) {
        if (!message.getUnknownFields().asMap().isEmpty()) {
            return false;
        }
        for (Object value : message.getAllFields().values()) {
            List<?> values = value instanceof List<?> list ? list : List.of(value);
            for (Object one : values) {
                if (one instanceof com.google.protobuf.Message inner && !isKnown(inner)) {
                    return false;
                }
            }
        }
        return true;
    }

    @Test
    void weReadAPodThatTheyWrite() {
        V1.Pod pod = V1.Pod.newBuilder()
                .setMetadata(Meta.ObjectMeta.newBuilder()
                        .setName("web")
                        .setNamespace("default")
                        .putLabels("app", "web")
                        .setCreationTimestamp(Meta.Time.newBuilder().setSeconds(1_767_225_600)))
                .setSpec(V1.PodSpec.newBuilder()
                        .addContainers(V1.Container.newBuilder()
                                .setName("web")
                                .setImage("nginx")
                                .addPorts(V1.ContainerPort.newBuilder().setContainerPort(80)))
                        .addVolumes(V1.Volume.newBuilder()
                                .setName("data")
                                .setVolumeSource(V1.VolumeSource.newBuilder()
                                        .setEmptyDir(V1.EmptyDirVolumeSource.getDefaultInstance()))))
                .build();
        Runtime.Unknown unknown = Runtime.Unknown.newBuilder()
                .setTypeMeta(Runtime.TypeMeta.newBuilder().setApiVersion("v1").setKind("Pod"))
                .setRaw(pod.toByteString())
                .build();
        byte[] body = unknown.toByteArray();
        byte[] bytes = new byte[body.length + 4];
        System.arraycopy(new byte[] {'k', '8', 's', 0}, 0, bytes, 0, 4);
        System.arraycopy(body, 0, bytes, 4, body.length);

        ObjectNode read = KubernetesProtobuf.decode(bytes);

        assertEquals(
                "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"web\",\"namespace\":\"default\","
                        + "\"creationTimestamp\":\"2026-01-01T00:00:00Z\",\"labels\":{\"app\":\"web\"}},"
                        + "\"spec\":{\"volumes\":[{\"name\":\"data\",\"emptyDir\":{}}],"
                        + "\"containers\":[{\"name\":\"web\",\"image\":\"nginx\",\"ports\":[{\"containerPort\":80}],"
                        + "\"resources\":{}}]},\"status\":{}}",
                Json.text(read));
    }
}
