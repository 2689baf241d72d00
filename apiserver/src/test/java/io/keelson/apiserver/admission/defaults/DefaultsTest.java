package io.keelson.apiserver.admission.defaults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefaultsTest {
    private static String pod(String spec) {
        return "{metadata: {name: web, namespace: default}, spec: {" + spec + "}}";
    }

    private static final String NOT_READY =
            "{'key':'node.kubernetes.io/not-ready','operator':'Exists','effect':'NoExecute','tolerationSeconds':300}";
    private static final String UNREACHABLE =
            "{'key':'node.kubernetes.io/unreachable','operator':'Exists','effect':'NoExecute','tolerationSeconds':60}";

    private static String tolerations(AdmissionPlugin plugin, String spec) throws InterruptedException {
        return TestWrite.create("pods", pod(spec)).through(plugin, "/spec/tolerations");
    }

    @Test
    void podsTolerateBadNodesForAWhile() throws Exception {
        AdmissionPlugin plugin = new DefaultTolerationSeconds(300, 60);
        assertEquals("[" + NOT_READY + "," + UNREACHABLE + "]", tolerations(plugin, ""));
        assertEquals(
                "[{'key':'node.kubernetes.io/not-ready','operator':'Exists'}," + UNREACHABLE + "]",
                tolerations(plugin, "tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists}]"));
        assertEquals("[{'operator':'Exists'}]", tolerations(plugin, "tolerations: [{operator: Exists}]"));
        assertEquals(
                "[{'key':'node.kubernetes.io/not-ready','operator':'Exists','effect':'NoSchedule'}," + NOT_READY + ","
                        + UNREACHABLE + "]",
                tolerations(
                        plugin,
                        "tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoSchedule}]"));
    }

    @Test
    void extendedResourcesAreTolerated() throws Exception {
        AdmissionPlugin plugin = new ExtendedResourceToleration();
        assertEquals("", tolerations(plugin, "containers: [{resources: {requests: {cpu: 1}}}]"));
        assertEquals(
                "[{'key':'example.com/gpu','operator':'Exists','effect':'NoSchedule'},"
                        + "{'key':'example.com/net','operator':'Exists','effect':'NoSchedule'}]",
                tolerations(
                        plugin,
                        "containers: [{resources: {requests: {example.com/net: 1}}}],"
                                + " initContainers: [{resources: {requests: {example.com/gpu: 1}}}]"));
    }

    private final Priority priority = new Priority(new TestObjects()
            .with("priorityclasses.scheduling.k8s.io", "{metadata: {name: high}, value: 1000, preemptionPolicy: Never}")
            .with(
                    "priorityclasses.scheduling.k8s.io",
                    "{metadata: {name: usual}, value: 10, globalDefault: true, preemptionPolicy: PreemptLowerPriority}")
            .with(
                    "priorityclasses.scheduling.k8s.io",
                    "{metadata: {name: also}, value: 20, globalDefault: true, preemptionPolicy: Never}"));

    @Test
    void podsHaveThePriorityOfTheirClass() throws Exception {
        assertEquals(
                "{'priorityClassName':'high','priority':1000,'preemptionPolicy':'Never'}",
                TestWrite.create("pods", pod("priorityClassName: high")).through(priority, "/spec"));
        assertEquals(
                "{'priorityClassName':'usual','priority':10,'preemptionPolicy':'PreemptLowerPriority'}",
                TestWrite.create("pods", pod("")).through(priority, "/spec"));
        assertEquals(
                "{'priority':0,'preemptionPolicy':'PreemptLowerPriority'}",
                TestWrite.create("pods", pod("")).through(new Priority(new TestObjects()), "/spec"));
        assertEquals(
                "{'priority':7,'preemptionPolicy':'Never'}",
                TestWrite.update("pods", "", pod(""), pod("priority: 7, preemptionPolicy: Never"))
                        .through(priority, "/spec"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            priorityClassName: none | no PriorityClass with name none was found
            priorityClassName: high, priority: 5 | the integer value of priority (5) must not be provided in pod spec; \
priority admission controller computed 1000 from the given PriorityClass name
            preemptionPolicy: Never | the string value of PreemptionPolicy (Never) must not be provided in pod spec; \
priority admission controller computed PreemptLowerPriority from the given PriorityClass name
            """)
    void podsCannotChooseAnotherPriority(String spec, String why) {
        assertEquals(why, TestWrite.create("pods", pod(spec)).refusedBy(priority));
    }

    @Test
    void thereIsOneDefaultPriority() throws Exception {
        String classes = "priorityclasses.scheduling.k8s.io";
        assertEquals(
                "PriorityClass usual is already marked as default. Only one default can exist",
                TestWrite.create(classes, "{metadata: {name: more}, value: 1, globalDefault: true}")
                        .refusedBy(priority));
        TestWrite.create(classes, "{metadata: {name: more}, value: 1}").through(priority);
        String same = "{metadata: {name: usual}, value: 10, globalDefault: true}";
        TestWrite.update(classes, "", same, same).through(priority);
    }

    private final RuntimeClass runtimes = new RuntimeClass(new TestObjects()
            .with(
                    "runtimeclasses.node.k8s.io",
                    "{metadata: {name: vm}, handler: vm, overhead: {podFixed: {cpu: 250m, memory: 120Mi}}, scheduling:"
                            + " {nodeSelector: {vm: 'yes'}, tolerations: [{key: vm, operator: Exists}]}}")
            .with("runtimeclasses.node.k8s.io", "{metadata: {name: plain}, handler: runc}"));

    @Test
    void runtimesCostAndChooseNodes() throws Exception {
        assertEquals(
                "{'runtimeClassName':'vm','tolerations':[{'key':'vm','operator':'Exists'}],'nodeSelector':{'a':'b','vm':'yes'},"
                        + "'overhead':{'cpu':'250m','memory':'120Mi'}}",
                TestWrite.create(
                                "pods",
                                pod(
                                        "runtimeClassName: vm, tolerations: [{key: vm, operator: Exists, effect: NoSchedule}],"
                                                + " nodeSelector: {a: b}"))
                        .through(runtimes, "/spec"));
        assertEquals(
                "{'runtimeClassName':'vm','overhead':{'cpu':'250m','memory':'120Mi'},'nodeSelector':{'vm':'yes'},"
                        + "'tolerations':[{'key':'vm','operator':'Exists'}]}",
                TestWrite.create("pods", pod("runtimeClassName: vm, overhead: {cpu: '0.25', memory: 120Mi}"))
                        .through(runtimes, "/spec"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            runtimeClassName: none | pod rejected: RuntimeClass "none" not found
            runtimeClassName: vm, overhead: {cpu: 1} | pod rejected: Pod's Overhead doesn't match RuntimeClass's defined \
Overhead
            runtimeClassName: plain, overhead: {cpu: 1} | pod rejected: Pod Overhead set without corresponding \
RuntimeClass defined Overhead
            overhead: {cpu: 1} | pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead
            runtimeClassName: vm, nodeSelector: {vm: 'no'} | conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; \
pod.spec.nodeSelector[vm] = no
            """)
    void overheadIsNotForPodsToSay(String spec, String why) {
        assertEquals(why, TestWrite.create("pods", pod(spec)).refusedBy(runtimes));
    }

    @Test
    void claimsGetTheNewestDefaultClass() throws Exception {
        String annotated = "annotations: {storageclass.kubernetes.io/is-default-class: 'true'}";
        AdmissionPlugin plugin = new DefaultStorageClass(new TestObjects()
                .with(
                        "storageclasses.storage.k8s.io",
                        "{metadata: {name: old, creationTimestamp: '2026-01-01T00:00:00Z', " + annotated + "}}")
                .with(
                        "storageclasses.storage.k8s.io",
                        "{metadata: {name: z, creationTimestamp: '2026-02-01T00:00:00Z', " + annotated + "}}")
                .with(
                        "storageclasses.storage.k8s.io",
                        "{metadata: {name: new, creationTimestamp: '2026-02-01T00:00:00Z', " + annotated + "}}")
                .with(
                        "storageclasses.storage.k8s.io",
                        "{metadata: {name: other, creationTimestamp: '2026-03-01T00:00:00Z'}}"));
        String claims = "persistentvolumeclaims";
        assertEquals("'new'", TestWrite.create(claims, pod("")).through(plugin, "/spec/storageClassName"));
        assertEquals(
                "''", TestWrite.create(claims, pod("storageClassName: ''")).through(plugin, "/spec/storageClassName"));
        assertEquals(
                "",
                TestWrite.create(
                                claims,
                                "{metadata: {name: a, annotations: {volume.beta.kubernetes.io/storage-class: x}}}")
                        .through(plugin, "/spec/storageClassName"));
    }

    @Test
    void ingressesGetTheDefaultClass() throws Exception {
        AdmissionPlugin plugin = new DefaultIngressClass(
                new TestObjects()
                        .with(
                                "ingressclasses.networking.k8s.io",
                                "{metadata: {name: front, annotations: {ingressclass.kubernetes.io/is-default-class: 'true'}}}"));
        String ingresses = "ingresses.networking.k8s.io";
        assertEquals("'front'", TestWrite.create(ingresses, pod("")).through(plugin, "/spec/ingressClassName"));
        assertEquals(
                "",
                TestWrite.create(ingresses, "{metadata: {name: a, annotations: {kubernetes.io/ingress.class: x}}}")
                        .through(plugin, "/spec/ingressClassName"));
    }

    @Test
    void volumesAndClaimsAreProtected() throws Exception {
        AdmissionPlugin plugin = new StorageObjectInUseProtection();
        String object = "{metadata: {name: a, finalizers: [example.com/mine]}}";
        assertEquals(
                "['example.com/mine','kubernetes.io/pv-protection']",
                TestWrite.create("persistentvolumes", object).through(plugin, "/metadata/finalizers"));
        assertEquals(
                "['example.com/mine','kubernetes.io/pvc-protection']",
                TestWrite.create("persistentvolumeclaims", object).through(plugin, "/metadata/finalizers"));
        String marked = "{metadata: {name: a, finalizers: [kubernetes.io/pv-protection]}}";
        assertEquals(
                "['kubernetes.io/pv-protection']",
                TestWrite.create("persistentvolumes", marked).through(plugin, "/metadata/finalizers"));
    }

    @Test
    void newNodesAreNotReady() throws Exception {
        AdmissionPlugin plugin = new TaintNodesByCondition();
        String taint = "{'key':'node.kubernetes.io/not-ready','effect':'NoSchedule'}";
        assertEquals(
                "[" + taint + "]",
                TestWrite.create("nodes", "{metadata: {name: n}}").through(plugin, "/spec/taints"));
        assertEquals(
                "[" + taint + "]",
                TestWrite.create(
                                "nodes",
                                "{metadata: {name: n}, spec: {taints: [{key: node.kubernetes.io/not-ready, effect:"
                                        + " NoSchedule}]}}")
                        .through(plugin, "/spec/taints"));
    }

    @Test
    void imagesAreAlwaysPulled() throws Exception {
        AdmissionPlugin plugin = new AlwaysPullImages();
        String spec = "containers: [{image: a, imagePullPolicy: IfNotPresent}], initContainers: [{image: b}]";
        assertEquals(
                "{'containers':[{'image':'a','imagePullPolicy':'Always'}],"
                        + "'initContainers':[{'image':'b','imagePullPolicy':'Always'}]}",
                TestWrite.create("pods", pod(spec)).through(plugin, "/spec"));
        assertEquals(
                "'IfNotPresent'",
                TestWrite.update("pods", "", pod(spec), pod(spec))
                        .through(plugin, "/spec/containers/0/imagePullPolicy"));
    }

    @Test
    void namespacesChooseNodesForTheirPods() throws Exception {
        AdmissionPlugin plugin = new PodNodeSelector(
                new TestObjects()
                        .with(
                                "namespaces",
                                "{metadata: {name: default, annotations: {scheduler.alpha.kubernetes.io/node-selector:"
                                        + " 'zone=a, disk=ssd'}}}"),
                Map.of("default", "zone=a,disk=ssd,extra=1"));
        assertEquals(
                "{'extra':'1','disk':'ssd','zone':'a'}",
                TestWrite.create("pods", pod("nodeSelector: {extra: '1'}")).through(plugin, "/spec/nodeSelector"));
        assertEquals(
                "pod node label selector conflicts with its namespace node label selector",
                TestWrite.create("pods", pod("nodeSelector: {zone: b}")).refusedBy(plugin));
        assertEquals(
                "pod node label selector labels conflict with its namespace whitelist",
                TestWrite.create("pods", pod("nodeSelector: {more: b}")).refusedBy(plugin));
    }
}
