package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.protobuf.FilledObjects;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.StoredValue;
import io.keelson.apiserver.store.TestEtcd;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Apps;
import io.kubernetes.client.proto.V1Batch;
import io.kubernetes.client.proto.V1Coordination;
import io.kubernetes.client.proto.V1Discovery;
import io.kubernetes.client.proto.V1Networking;
import io.kubernetes.client.proto.V1Policy;
import io.kubernetes.client.proto.V1Rbac;
import io.kubernetes.client.proto.V1Scheduling;
import io.kubernetes.client.proto.V1Storage;
import io.kubernetes.client.proto.V2Autoscaling;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole cluster's data, as a kube-apiserver leaves it: under its keys, in protobuf by the published classes, custom objects
 * in JSON, Secrets encrypted. It is served, changed and can be handed back.
 */
@Timeout(180)
final class ClusterTakeoverTest {
    private static final byte[] MAGIC = {'k', '8', 's', 0};
    private static final byte[] AES_KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final String ENCRYPTED = "k8s:enc:aescbc:v1:k:";
    private static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
    private static final String CONTAINER = "containers{name:\"c\" image:\"i:1\" imagePullPolicy:\"IfNotPresent\" "
            + "terminationMessagePath:\"/dev/termination-log\" terminationMessagePolicy:\"File\" "
            + "ports{containerPort:80 protocol:\"TCP\"} "
            + "resources{requests{key:\"cpu\" value{string:\"100m\"}} limits{key:\"memory\" value{string:\"64Mi\"}}} "
            + "readinessProbe{handler{httpGet{path:\"/\" port{type:1 intVal:0 strVal:\"web\"} scheme:\"HTTP\"}} "
            + "timeoutSeconds:1 periodSeconds:10 successThreshold:1 failureThreshold:3}} ";
    private static final String TEMPLATE = "template{metadata{labels{key:\"app\" value:\"web\"}} spec{" + CONTAINER
            + "restartPolicy:\"%s\" dnsPolicy:\"ClusterFirst\" schedulerName:\"default-scheduler\" "
            + "terminationGracePeriodSeconds:30 securityContext{}}} ";
    /** What admission gives every pod, also to one that is changed. */
    private static final String TOLERATIONS =
            "tolerations{key:\"node.kubernetes.io/not-ready\" operator:\"Exists\" effect:\"NoExecute\" "
                    + "tolerationSeconds:300} tolerations{key:\"node.kubernetes.io/unreachable\" operator:\"Exists\" "
                    + "effect:\"NoExecute\" tolerationSeconds:300}";

    private static final String SELECTOR = "selector{matchLabels{key:\"app\" value:\"web\"}} ";

    /**
     * An object that somebody left.
     *
     * @param key after {@code /registry/}
     * @param path at which it is served
     */
    private record Left(String key, String path, String apiVersion, String kind, Message message) {
        byte[] bytes() throws IOException {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.write(MAGIC);
            Runtime.Unknown.newBuilder()
                    .setTypeMeta(Runtime.TypeMeta.newBuilder()
                            .setApiVersion(apiVersion)
                            .setKind(kind))
                    .setRaw(message.toByteString())
                    .setContentEncoding("")
                    .setContentType("")
                    .build()
                    .writeTo(all);
            return all.toByteArray();
        }

        String fullKey() {
            return "/registry/" + key;
        }
    }

    private static Left left(String key, String path, String apiVersion, Message of, String text) throws IOException {
        String folder = key.substring(0, key.indexOf('/'));
        String name = key.substring(key.lastIndexOf('/') + 1);
        String namespace = path.contains("/namespaces/default/") ? "namespace:\"default\" " : "";
        Message.Builder builder = of.newBuilderForType();
        TextFormat.merge(
                "metadata{name:\"" + name + "\" " + namespace + "uid:\"uid-" + folder + "-" + name
                        + "\" generation:1 creationTimestamp{seconds:1600000000 nanos:0} labels{key:\"app\" value:\"web\"} "
                        + "annotations{key:\"a/b\" value:\"c\"}} " + text,
                builder);
        return new Left(key, path, apiVersion, of.getDescriptorForType().getName(), builder.build());
    }

    private static List<Left> cluster() throws IOException {
        String core = "/api/v1/namespaces/default/";
        String apps = "/apis/apps/v1/namespaces/default/";
        String batch = "/apis/batch/v1/namespaces/default/";
        String always = TEMPLATE.formatted("Always");
        return List.of(
                left(
                        "namespaces/team",
                        "/api/v1/namespaces/team",
                        "v1",
                        V1.Namespace.getDefaultInstance(),
                        "spec{finalizers:\"kubernetes\"} status{phase:\"Active\"}"),
                left(
                        "minions/n1",
                        "/api/v1/nodes/n1",
                        "v1",
                        V1.Node.getDefaultInstance(),
                        "spec{podCIDR:\"10.0.0.0/24\" podCIDRs:\"10.0.0.0/24\" providerID:\"x://1\" "
                                + "taints{key:\"k\" effect:\"NoSchedule\"}} "
                                + "status{capacity{key:\"cpu\" value{string:\"2\"}} "
                                + "conditions{type:\"Ready\" status:\"True\"} nodeInfo{operatingSystem:\"linux\"}}"),
                left(
                        "pods/default/p",
                        core + "pods/p",
                        "v1",
                        V1.Pod.getDefaultInstance(),
                        "spec{" + CONTAINER
                                + "nodeName:\"n1\" serviceAccountName:\"robot\" serviceAccount:\"robot\" restartPolicy:\"Always\" dnsPolicy:\"ClusterFirst\" "
                                + "volumes{name:\"v\" volumeSource{projected{defaultMode:420 sources{serviceAccountToken{"
                                + "path:\"token\" expirationSeconds:3607}}}}} "
                                + TOLERATIONS + "} "
                                + "status{phase:\"Running\" podIP:\"10.0.0.5\" podIPs{ip:\"10.0.0.5\"} "
                                + "containerStatuses{name:\"c\" ready:true restartCount:3 image:\"i:1\" imageID:\"\" "
                                + "state{running{startedAt{seconds:1600000001}}}}}"),
                left(
                        "services/specs/default/s",
                        core + "services/s",
                        "v1",
                        V1.Service.getDefaultInstance(),
                        "spec{type:\"NodePort\" clusterIP:\"10.96.0.77\" clusterIPs:\"10.96.0.77\" "
                                + "selector{key:\"app\" value:\"web\"} sessionAffinity:\"None\" ipFamilies:\"IPv4\" "
                                + "ipFamilyPolicy:\"SingleStack\" internalTrafficPolicy:\"Cluster\" "
                                + "externalTrafficPolicy:\"Cluster\" ports{name:\"web\" protocol:\"TCP\" port:80 "
                                + "nodePort:30077 targetPort{type:1 intVal:0 strVal:\"web\"}}}"),
                left(
                        "ipaddresses/10.96.0.77",
                        "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.77",
                        "networking.k8s.io/v1",
                        V1Networking.IPAddress.getDefaultInstance(),
                        "metadata{labels{key:\"ipaddress.kubernetes.io/ip-family\" value:\"IPv4\"} "
                                + "labels{key:\"ipaddress.kubernetes.io/managed-by\" value:\"ipallocator.k8s.io\"}} "
                                + "spec{parentRef{group:\"\" resource:\"services\" namespace:\"default\" name:\"s\"}}"),
                left(
                        "services/endpoints/default/s",
                        core + "endpoints/s",
                        "v1",
                        V1.Endpoints.getDefaultInstance(),
                        "subsets{addresses{ip:\"10.0.0.5\" nodeName:\"n1\"} ports{name:\"web\" port:80 protocol:\"TCP\"}}"),
                left(
                        "endpointslices/default/s-1",
                        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/s-1",
                        "discovery.k8s.io/v1",
                        V1Discovery.EndpointSlice.getDefaultInstance(),
                        "addressType:\"IPv4\" endpoints{addresses:\"10.0.0.5\" conditions{ready:true} nodeName:\"n1\"} "
                                + "ports{name:\"web\" port:80 protocol:\"TCP\"}"),
                left(
                        "configmaps/default/c",
                        core + "configmaps/c",
                        "v1",
                        V1.ConfigMap.getDefaultInstance(),
                        "data{key:\"k\" value:\"v\"} binaryData{key:\"b\" value:\"\\000\\377\"}"),
                left(
                        "secrets/default/x",
                        core + "secrets/x",
                        "v1",
                        V1.Secret.getDefaultInstance(),
                        "type:\"Opaque\" data{key:\"password\" value:\"hunter2\"}"),
                left(
                        "serviceaccounts/default/robot",
                        core + "serviceaccounts/robot",
                        "v1",
                        V1.ServiceAccount.getDefaultInstance(),
                        "imagePullSecrets{name:\"pull\"}"),
                left(
                        "persistentvolumes/pv",
                        "/api/v1/persistentvolumes/pv",
                        "v1",
                        V1.PersistentVolume.getDefaultInstance(),
                        "spec{capacity{key:\"storage\" value{string:\"1Gi\"}} accessModes:\"ReadWriteOnce\" "
                                + "persistentVolumeReclaimPolicy:\"Retain\" volumeMode:\"Filesystem\" "
                                + "persistentVolumeSource{hostPath{path:\"/d\" type:\"\"}}} status{phase:\"Available\"}"),
                left(
                        "persistentvolumeclaims/default/pvc",
                        core + "persistentvolumeclaims/pvc",
                        "v1",
                        V1.PersistentVolumeClaim.getDefaultInstance(),
                        "spec{accessModes:\"ReadWriteOnce\" volumeMode:\"Filesystem\" "
                                + "resources{requests{key:\"storage\" value{string:\"1Gi\"}}}} status{phase:\"Pending\"}"),
                left(
                        "events/default/p.1",
                        core + "events/p.1",
                        "v1",
                        V1.Event.getDefaultInstance(),
                        "involvedObject{kind:\"Pod\" namespace:\"default\" name:\"p\"} reason:\"Started\" "
                                + "message:\"it began\" type:\"Normal\" count:4 "
                                + "lastTimestamp{seconds:1600000002} source{component:\"kubelet\"}"),
                left(
                        "leases/default/l",
                        "/apis/coordination.k8s.io/v1/namespaces/default/leases/l",
                        "coordination.k8s.io/v1",
                        V1Coordination.Lease.getDefaultInstance(),
                        "spec{holderIdentity:\"me\" leaseDurationSeconds:15 renewTime{seconds:1600000003 nanos:123456000}}"),
                left(
                        "limitranges/default/lr",
                        core + "limitranges/lr",
                        "v1",
                        V1.LimitRange.getDefaultInstance(),
                        "spec{limits{type:\"Pod\" max{key:\"cpu\" value{string:\"4\"}}}}"),
                left(
                        "resourcequotas/default/q",
                        core + "resourcequotas/q",
                        "v1",
                        V1.ResourceQuota.getDefaultInstance(),
                        "spec{hard{key:\"configmaps\" value{string:\"100\"}}} "
                                + "status{hard{key:\"configmaps\" value{string:\"100\"}}}"),
                left(
                        "deployments/default/d",
                        apps + "deployments/d",
                        "apps/v1",
                        V1Apps.Deployment.getDefaultInstance(),
                        "spec{replicas:2 " + SELECTOR + always
                                + "strategy{type:\"RollingUpdate\" rollingUpdate{maxSurge{type:1 intVal:0 strVal:\"25%\"} "
                                + "maxUnavailable{type:0 intVal:1 strVal:\"\"}}} revisionHistoryLimit:10 "
                                + "progressDeadlineSeconds:600} status{observedGeneration:1 replicas:2}"),
                left(
                        "replicasets/default/d-1",
                        apps + "replicasets/d-1",
                        "apps/v1",
                        V1Apps.ReplicaSet.getDefaultInstance(),
                        "spec{replicas:2 " + SELECTOR + always + "} status{replicas:2 readyReplicas:1}"),
                left(
                        "statefulsets/default/db",
                        apps + "statefulsets/db",
                        "apps/v1",
                        V1Apps.StatefulSet.getDefaultInstance(),
                        "spec{replicas:1 serviceName:\"db\" podManagementPolicy:\"OrderedReady\" " + SELECTOR + always
                                + "volumeClaimTemplates{metadata{name:\"data\"} spec{accessModes:\"ReadWriteOnce\" "
                                + "volumeMode:\"Filesystem\" resources{requests{key:\"storage\" value{string:\"1Gi\"}}}} "
                                + "status{phase:\"Pending\"}} updateStrategy{type:\"RollingUpdate\" "
                                + "rollingUpdate{partition:0}} revisionHistoryLimit:10}"),
                left(
                        "daemonsets/default/ds",
                        apps + "daemonsets/ds",
                        "apps/v1",
                        V1Apps.DaemonSet.getDefaultInstance(),
                        "spec{" + SELECTOR + always + "updateStrategy{type:\"OnDelete\"} revisionHistoryLimit:10}"),
                left(
                        "controllerrevisions/default/db-1",
                        apps + "controllerrevisions/db-1",
                        "apps/v1",
                        V1Apps.ControllerRevision.getDefaultInstance(),
                        "data{raw:\"{\\\"spec\\\":{\\\"a\\\":1}}\"} revision:7"),
                left(
                        "jobs/default/j",
                        batch + "jobs/j",
                        "batch/v1",
                        V1Batch.Job.getDefaultInstance(),
                        "spec{parallelism:1 completions:3 backoffLimit:6 " + SELECTOR + TEMPLATE.formatted("Never")
                                + "completionMode:\"Indexed\" suspend:false manualSelector:true "
                                + "podReplacementPolicy:\"Failed\"} status{active:1 uncountedTerminatedPods{}}"),
                left(
                        "cronjobs/default/cj",
                        batch + "cronjobs/cj",
                        "batch/v1",
                        V1Batch.CronJob.getDefaultInstance(),
                        "spec{schedule:\"*/5 * * * *\" concurrencyPolicy:\"Forbid\" suspend:false "
                                + "jobTemplate{spec{" + TEMPLATE.formatted("OnFailure")
                                + "}} successfulJobsHistoryLimit:3 failedJobsHistoryLimit:1}"),
                left(
                        "horizontalpodautoscalers/default/h",
                        "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/h",
                        "autoscaling/v2",
                        V2Autoscaling.HorizontalPodAutoscaler.getDefaultInstance(),
                        "spec{scaleTargetRef{kind:\"Deployment\" name:\"d\" apiVersion:\"apps/v1\"} minReplicas:1 "
                                + "maxReplicas:9 metrics{type:\"Resource\" resource{name:\"cpu\" target{type:\"Utilization\" "
                                + "averageUtilization:80}}}}"),
                left(
                        "poddisruptionbudgets/default/b",
                        "/apis/policy/v1/namespaces/default/poddisruptionbudgets/b",
                        "policy/v1",
                        V1Policy.PodDisruptionBudget.getDefaultInstance(),
                        "spec{minAvailable{type:1 intVal:0 strVal:\"50%\"} " + SELECTOR
                                + "} status{disruptionsAllowed:1}"),
                left(
                        "ingress/default/i",
                        "/apis/networking.k8s.io/v1/namespaces/default/ingresses/i",
                        "networking.k8s.io/v1",
                        V1Networking.Ingress.getDefaultInstance(),
                        "spec{rules{host:\"h.example\" ingressRuleValue{http{paths{path:\"/\" pathType:\"Prefix\" "
                                + "backend{service{name:\"s\" port{number:80}}}}}}}}"),
                left(
                        "networkpolicies/default/np",
                        "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/np",
                        "networking.k8s.io/v1",
                        V1Networking.NetworkPolicy.getDefaultInstance(),
                        "spec{podSelector{} policyTypes:\"Ingress\" ingress{from{ipBlock{cidr:\"10.0.0.0/8\" "
                                + "except:\"10.1.0.0/16\"}} ports{protocol:\"TCP\" port{type:0 intVal:80 strVal:\"\"}}}}"),
                left(
                        "roles/default/reader",
                        "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/reader",
                        "rbac.authorization.k8s.io/v1",
                        V1Rbac.Role.getDefaultInstance(),
                        "rules{verbs:\"get\" verbs:\"list\" apiGroups:\"\" resources:\"pods\"}"),
                left(
                        "rolebindings/default/readers",
                        "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/readers",
                        "rbac.authorization.k8s.io/v1",
                        V1Rbac.RoleBinding.getDefaultInstance(),
                        "subjects{kind:\"User\" apiGroup:\"rbac.authorization.k8s.io\" name:\"jane\"} "
                                + "roleRef{apiGroup:\"rbac.authorization.k8s.io\" kind:\"Role\" name:\"reader\"}"),
                left(
                        "storageclasses/fast",
                        "/apis/storage.k8s.io/v1/storageclasses/fast",
                        "storage.k8s.io/v1",
                        V1Storage.StorageClass.getDefaultInstance(),
                        "provisioner:\"example.com/d\" parameters{key:\"a\" value:\"b\"} reclaimPolicy:\"Delete\" "
                                + "volumeBindingMode:\"WaitForFirstConsumer\" allowVolumeExpansion:true"),
                left(
                        "priorityclasses/high",
                        "/apis/scheduling.k8s.io/v1/priorityclasses/high",
                        "scheduling.k8s.io/v1",
                        V1Scheduling.PriorityClass.getDefaultInstance(),
                        "value:1000 description:\"before others\" preemptionPolicy:\"Never\""));
    }

    private static final String DEFINITION = """
            {"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","metadata":{"name":"boats.example.com",
            "uid":"uid-crd","generation":1,"creationTimestamp":"2020-09-13T12:26:40Z"},"spec":{"group":"example.com","names":
            {"plural":"boats","singular":"boat","kind":"Boat","listKind":"BoatList"},"scope":"Namespaced","versions":[
            {"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":
            {"type":"object","properties":{"sails":{"type":"integer","default":1},"name":{"type":"string"}}}}}}}],
            "conversion":{"strategy":"None"}},"status":{"conditions":[{"type":"NamesAccepted","status":"True",
            "lastTransitionTime":"2020-09-13T12:26:40Z","reason":"NoConflicts","message":"no conflicts found"},
            {"type":"Established","status":"True","lastTransitionTime":"2020-09-13T12:26:40Z","reason":"InitialNamesAccepted",
            "message":"the initial names have been accepted"}],"acceptedNames":{"plural":"boats","singular":"boat",
            "kind":"Boat","listKind":"BoatList"},"storedVersions":["v1"]}}
            """;

    private static final String BOAT = """
            {"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"b","namespace":"default","uid":"uid-boat",
            "generation":1,"creationTimestamp":"2020-09-13T12:26:40Z"},"spec":{"name":"Argo"}}
            """;

    private static byte[] encrypted(byte[] plain) throws GeneralSecurityException, IOException {
        byte[] iv = new byte[16];
        Arrays.fill(iv, (byte) 7);
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(AES_KEY, "AES"), new IvParameterSpec(iv));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(ENCRYPTED.getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(iv);
        all.writeBytes(cipher.doFinal(plain));
        return all.toByteArray();
    }

    private static ApiServerConfig config(TestEtcd etcd, Path folder) throws IOException {
        Path file = folder.resolve("encryption.yaml");
        Files.writeString(file, """
                apiVersion: apiserver.config.k8s.io/v1
                kind: EncryptionConfiguration
                resources:
                - resources: [secrets]
                  providers:
                  - aescbc: {keys: [{name: k, secret: %s}]}
                  - identity: {}
                """.formatted(Base64.getEncoder().encodeToString(AES_KEY)));
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        return plain.withStore(new EtcdConnection(etcd.urls(), null, null, null, "/registry"))
                .withCluster(plain.cluster().withEncryption(file, false));
    }

    private static byte[] stored(EtcdStore raw, String key) throws InterruptedException {
        StoredValue value = Objects.requireNonNull(raw.get(key), key);
        return value.bytes();
    }

    private static Message served(Caller admin, Left left) throws Exception {
        byte[] bytes = admin.bytes(left.path(), PROTOBUF);
        assertEquals(ByteString.copyFrom(MAGIC), ByteString.copyFrom(bytes, 0, 4));
        Runtime.Unknown unknown = Runtime.Unknown.parseFrom(Arrays.copyOfRange(bytes, 4, bytes.length));
        assertEquals(left.kind(), unknown.getTypeMeta().getKind());
        assertEquals(left.apiVersion(), unknown.getTypeMeta().getApiVersion());
        return left.message().getParserForType().parseFrom(unknown.getRaw());
    }

    /** Where a message lacks what another one has. */
    private static void lacking(String at, Message wanted, Message found, List<String> problems) {
        for (Map.Entry<FieldDescriptor, Object> entry : wanted.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            Object value = found.getField(field);
            String place = at + "." + field.getName();
            if (field.isRepeated()) {
                List<?> ours = (List<?>) entry.getValue();
                List<?> theirs = (List<?>) value;
                if (field.isMapField()) {
                    if (!theirs.containsAll(ours)) {
                        problems.add(place + ": " + ours + " became " + theirs);
                    }
                } else if (ours.size() == theirs.size()) {
                    for (int i = 0; i < ours.size(); i++) {
                        lackingValue(place + "[" + i + "]", ours.get(i), theirs.get(i), problems);
                    }
                } else {
                    problems.add(place + ": " + ours + " became " + theirs);
                }
            } else if (field.hasPresence() && !found.hasField(field) && !isEmpty(entry.getValue())) {
                problems.add(place + " is gone");
            } else {
                lackingValue(place, entry.getValue(), value, problems);
            }
        }
    }

    /** The original's clients write what is empty, and read it as they read what is not there. */
    private static boolean isEmpty(Object value) {
        return value.equals("")
                || (value instanceof Message message && message.getAllFields().isEmpty());
    }

    private static void lackingValue(String at, Object wanted, Object found, List<String> problems) {
        if (wanted instanceof Message message && found instanceof Message other) {
            lacking(at, message, other, problems);
        } else if (!wanted.equals(found)) {
            problems.add(at + ": " + wanted + " became " + found);
        }
    }

    private static void takeOver(TestEtcd etcd, Path folder) throws Exception {
        List<Left> cluster = cluster();
        StoreOptions asItIs = StoreOptions.DEFAULT.withTransformer(EncryptedServerTest.RAW);
        try (EtcdStore raw = new EtcdStore(etcd.channel(), asItIs)) {
            for (Left left : cluster) {
                byte[] bytes = left.bytes();
                raw.create(left.fullKey(), left.kind().equals("Secret") ? encrypted(bytes) : bytes, 0);
            }
            raw.create(
                    "/registry/apiextensions.k8s.io/customresourcedefinitions/boats.example.com",
                    DEFINITION.getBytes(StandardCharsets.UTF_8),
                    0);
            raw.create("/registry/example.com/boats/default/b", BOAT.getBytes(StandardCharsets.UTF_8), 0);
            try (ApiServer server = ApiServer.start(config(etcd, folder));
                    Caller admin = Caller.admin(server)) {
                for (Left left : cluster) {
                    readAndChange(raw, admin, left);
                }
                customObjects(raw, admin);
                whatItMeans(raw, admin);
            }
            // Whoever comes next finds it all.
            try (ApiServer server = ApiServer.start(config(etcd, folder));
                    Caller admin = Caller.admin(server)) {
                for (Left left : cluster) {
                    assertEquals("over", admin.get(left.path()).succeeded().at("/metadata/labels/taken"), left.path());
                }
            }
        }
    }

    private static void readAndChange(EtcdStore raw, Caller admin, Left left) throws Exception {
        List<String> problems = new ArrayList<>();
        lacking(left.kind(), left.message(), served(admin, left), problems);
        assertEquals(List.of(), problems);
        ObjectNode read = admin.get(left.path()).succeeded().body();
        Caller.Answer patched = admin.call(
                "PATCH",
                left.path(),
                "{\"metadata\":{\"labels\":{\"taken\":\"over\"}}}",
                "Content-Type",
                "application/merge-patch+json");
        assertEquals(200, patched.code(), () -> left.path() + " " + patched.text());
        assertEquals(read.path("spec"), patched.body().path("spec"), left.path());
        assertEquals(read.at("/metadata/generation"), patched.body().at("/metadata/generation"), left.path());
        lacking(left.kind(), left.message(), served(admin, left), problems);
        assertEquals(List.of(), problems);
        handBack(stored(raw, left.fullKey()), left);
    }

    /** What was written is what the original reads: JSON with its kind, in the version in which the original keeps it. */
    private static void handBack(byte[] bytes, Left left) throws Exception {
        if (left.kind().equals("Secret")) {
            String begin = new String(bytes, 0, ENCRYPTED.length(), StandardCharsets.ISO_8859_1);
            assertEquals(ENCRYPTED, begin);
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            int from = ENCRYPTED.length();
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(AES_KEY, "AES"), new IvParameterSpec(bytes, from, 16));
            handBackPlain(cipher.doFinal(bytes, from + 16, bytes.length - from - 16), left);
        } else {
            handBackPlain(bytes, left);
        }
    }

    private static void handBackPlain(byte[] bytes, Left left) {
        ObjectNode stored = Json.parseObject(bytes);
        assertEquals(left.kind(), stored.path("kind").asText());
        assertEquals(left.apiVersion(), stored.path("apiVersion").asText());
        assertTrue(stored.at("/metadata/uid").asText().startsWith("uid-"), left.path());
        assertTrue(stored.at("/metadata/resourceVersion").isMissingNode(), left.path());
    }

    private static void customObjects(EtcdStore raw, Caller admin) throws Exception {
        String path = "/apis/example.com/v1/namespaces/default/boats/b";
        TestEtcd.await("the definition is served", () -> admin.get(path).code() == 200);
        assertEquals("1", admin.get(path).at("/spec/sails"));
        Caller.Answer patched =
                admin.call("PATCH", path, "{\"spec\":{\"sails\":2}}", "Content-Type", "application/merge-patch+json");
        assertEquals(200, patched.code(), patched.text());
        ObjectNode stored = Json.parseObject(stored(raw, "/registry/example.com/boats/default/b"));
        assertEquals("Argo", stored.at("/spec/name").asText());
        assertEquals(2, stored.at("/spec/sails").asInt());
        assertEquals("example.com/v1", stored.path("apiVersion").asText());
    }

    /** Rules hold, addresses and ports are taken, and what is deleted is gone from the store. */
    private static void whatItMeans(EtcdStore raw, Caller admin) throws Exception {
        String pods = "/api/v1/namespaces/default/pods";
        assertEquals(200, admin.get(pods, "Impersonate-User", "jane").code());
        assertEquals(
                403,
                admin.get("/api/v1/namespaces/default/secrets", "Impersonate-User", "jane")
                        .code());

        String services = "/api/v1/namespaces/default/services";
        String service = "{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"%s\"},"
                + "\"spec\":{%s\"ports\":[{\"port\":80%s}]}}";
        Caller.Answer address = admin.post(services, service.formatted("t", "\"clusterIP\":\"10.96.0.77\",", ""));
        assertEquals(422, address.code(), address.text());
        assertTrue(address.text().contains("provided IP is already allocated"), address.text());
        Caller.Answer port =
                admin.post(services, service.formatted("t", "\"type\":\"NodePort\",", ",\"nodePort\":30077"));
        assertEquals(422, port.code(), port.text());
        assertTrue(port.text().contains("provided port is already allocated"), port.text());
        assertNotEquals(
                "10.96.0.77",
                admin.post(services, service.formatted("t", "", "")).succeeded().at("/spec/clusterIP"));

        String configMap = "/api/v1/namespaces/default/configmaps/c";
        assertEquals(200, admin.call("DELETE", configMap, "").code());
        assertNull(raw.get("/registry/configmaps/default/c"));
        raw.create("/registry/configmaps/default/c", cluster().get(7).bytes(), 0);
        TestEtcd.await(
                "what somebody else writes is seen", () -> admin.get(configMap).code() == 200);
        admin.call(
                        "PATCH",
                        configMap,
                        "{\"metadata\":{\"labels\":{\"taken\":\"over\"}}}",
                        "Content-Type",
                        "application/merge-patch+json")
                .succeeded();
    }

    @Test
    void aClusterIsTakenOverAndHandedBack(@TempDir Path folder) throws Exception {
        try (TestEtcd etcd = TestEtcd.embedded(folder)) {
            takeOver(etcd, folder);
        }
    }

    @Test
    void aClusterIsTakenOverOnARealEtcdAndHandedBack(@TempDir Path folder) throws Exception {
        try (TestEtcd etcd = TestEtcd.real(folder)) {
            takeOver(etcd, folder);
        }
    }

    /** Where the original keeps its kinds: folder, {@code apiVersion}, kind, plural, and {@code *} for those in namespaces. */
    private static final String KINDS = """
            controllers v1 ReplicationController replicationcontrollers *
            podtemplates v1 PodTemplate podtemplates *
            pods v1 Pod pods *
            minions v1 Node nodes
            services/specs v1 Service services *
            services/endpoints v1 Endpoints endpoints *
            configmaps v1 ConfigMap configmaps *
            secrets v1 Secret secrets *
            serviceaccounts v1 ServiceAccount serviceaccounts *
            persistentvolumes v1 PersistentVolume persistentvolumes
            persistentvolumeclaims v1 PersistentVolumeClaim persistentvolumeclaims *
            limitranges v1 LimitRange limitranges *
            resourcequotas v1 ResourceQuota resourcequotas *
            events v1 Event events *
            deployments apps/v1 Deployment deployments *
            replicasets apps/v1 ReplicaSet replicasets *
            statefulsets apps/v1 StatefulSet statefulsets *
            daemonsets apps/v1 DaemonSet daemonsets *
            controllerrevisions apps/v1 ControllerRevision controllerrevisions *
            jobs batch/v1 Job jobs *
            cronjobs batch/v1 CronJob cronjobs *
            horizontalpodautoscalers autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers *
            poddisruptionbudgets policy/v1 PodDisruptionBudget poddisruptionbudgets *
            leases coordination.k8s.io/v1 Lease leases *
            endpointslices discovery.k8s.io/v1 EndpointSlice endpointslices *
            ingress networking.k8s.io/v1 Ingress ingresses *
            ingressclasses networking.k8s.io/v1 IngressClass ingressclasses
            networkpolicies networking.k8s.io/v1 NetworkPolicy networkpolicies *
            roles rbac.authorization.k8s.io/v1 Role roles *
            rolebindings rbac.authorization.k8s.io/v1 RoleBinding rolebindings *
            clusterroles rbac.authorization.k8s.io/v1 ClusterRole clusterroles
            clusterrolebindings rbac.authorization.k8s.io/v1 ClusterRoleBinding clusterrolebindings
            storageclasses storage.k8s.io/v1 StorageClass storageclasses
            volumeattachments storage.k8s.io/v1 VolumeAttachment volumeattachments
            csidrivers storage.k8s.io/v1 CSIDriver csidrivers
            csinodes storage.k8s.io/v1 CSINode csinodes
            csistoragecapacities storage.k8s.io/v1 CSIStorageCapacity csistoragecapacities *
            volumeattributesclasses storage.k8s.io/v1 VolumeAttributesClass volumeattributesclasses
            priorityclasses scheduling.k8s.io/v1 PriorityClass priorityclasses
            runtimeclasses node.k8s.io/v1 RuntimeClass runtimeclasses
            certificatesigningrequests certificates.k8s.io/v1 CertificateSigningRequest certificatesigningrequests
            flowschemas flowcontrol.apiserver.k8s.io/v1 FlowSchema flowschemas
            mutatingwebhookconfigurations admissionregistration.k8s.io/v1 MutatingWebhookConfiguration \
            mutatingwebhookconfigurations
            validatingadmissionpolicies admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy validatingadmissionpolicies
            deviceclasses resource.k8s.io/v1 DeviceClass deviceclasses
            resourceclaims resource.k8s.io/v1 ResourceClaim resourceclaims *
            resourceclaimtemplates resource.k8s.io/v1 ResourceClaimTemplate resourceclaimtemplates *
            resourceslices resource.k8s.io/v1 ResourceSlice resourceslices
            """;

    /** Nothing that is stored is lost by reading, not even what nobody may write today. */
    @Test
    void everyFieldOfEveryKindIsRead(@TempDir Path folder) throws Exception {
        List<String> problems = new ArrayList<>();
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                EtcdStore raw = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT)) {
            for (String line : KINDS.lines().toList()) {
                Filled filled = Filled.of(line);
                raw.create(filled.key(), KubernetesProtobuf.encode(filled.object()), 0);
            }
            ApiServerConfig config = ApiServerConfig.ephemeral()
                    .withStore(new EtcdConnection(etcd.urls(), null, null, null, "/registry"));
            try (ApiServer server = ApiServer.start(config);
                    Caller admin = Caller.admin(server)) {
                for (String line : KINDS.lines().toList()) {
                    Filled filled = Filled.of(line);
                    Caller.Answer answer = admin.get(filled.path());
                    if (answer.code() == 200) {
                        lacking(filled.object().path("kind").asText(), filled.object(), answer.body(), problems);
                    } else {
                        problems.add(filled.path() + ": " + answer.text());
                    }
                }
            }
        }
        assertEquals(List.of(), problems);
    }

    private record Filled(String key, String path, ObjectNode object) {
        static Filled of(String line) {
            String[] words = line.split(" ", -1);
            boolean namespaced = words.length > 4;
            int slash = words[1].indexOf('/');
            GroupVersionKind kind = new GroupVersionKind(
                    slash < 0 ? "" : words[1].substring(0, slash), words[1].substring(slash + 1), words[2]);
            ObjectNode object = FilledObjects.of(kind);
            ObjectNode metadata = Json.object().put("name", "filled").put("uid", "u");
            if (namespaced) {
                metadata.put("namespace", "default");
            }
            object.set("metadata", metadata);
            settle(object);
            String space = namespaced ? "default/" : "";
            return new Filled(
                    "/registry/" + words[0] + "/" + space + "filled",
                    (slash < 0 ? "/api/" : "/apis/") + words[1] + (namespaced ? "/namespaces/default/" : "/") + words[3]
                            + "/filled",
                    object);
        }
    }

    /** Makes equal what cannot be different, and takes away what is not stored or what the server itself has to say about. */
    private static void settle(ObjectNode object) {
        for (JsonNode spec : object.findParents("serviceAccountName")) {
            if (spec.has("serviceAccount")) {
                ((ObjectNode) spec)
                        .put("serviceAccount", spec.path("serviceAccountName").asText());
            }
        }
        if (object.at("/status/podIPs/0") instanceof ObjectNode first) {
            first.set("ip", object.at("/status/podIP"));
        }
        if (object.at("/spec/podCIDRs") instanceof ArrayNode ranges && !ranges.isEmpty()) {
            ranges.set(0, object.at("/spec/podCIDR"));
        }
        object.remove("stringData");
        if (object.path("kind").asText().equals("FlowSchema")) {
            object.remove("status");
        }
    }

    private static void lacking(String at, JsonNode wanted, JsonNode found, List<String> problems) {
        if (wanted.isObject()) {
            for (Iterator<Map.Entry<String, JsonNode>> it = wanted.fields(); it.hasNext(); ) {
                Map.Entry<String, JsonNode> field = it.next();
                lacking(at + "." + field.getKey(), field.getValue(), found.path(field.getKey()), problems);
            }
        } else if (wanted.isArray() && found.size() == wanted.size()) {
            for (int i = 0; i < wanted.size(); i++) {
                lacking(at + "[" + i + "]", wanted.get(i), found.get(i), problems);
            }
        } else if (wanted.isArray() || !wanted.asText().equals(found.asText())) {
            problems.add(at + ": " + wanted + " became " + found);
        }
    }
}
