package io.keelson.apiserver.admission.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import io.keelson.apiserver.object.Json;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceQuotaTest {
    private final TestObjects objects = new TestObjects();
    private final ResourceQuota plugin = new ResourceQuota(objects, () -> Instant.parse("2026-05-01T12:00:00Z"));

    private void quota(String name, String spec, String hard, String used) {
        objects.with(
                "resourcequotas",
                "{metadata: {name: " + name + ", namespace: default}, spec: {" + spec + "}, status: {hard: {" + hard
                        + "}, used: {" + used + "}}}");
    }

    private String used(String name) {
        return Json.text(Objects.requireNonNull(objects.now("", "resourcequotas", "default", name))
                        .at("/status/used"))
                .replace('"', '\'');
    }

    private static String object(String spec) {
        return "{metadata: {name: web, namespace: default}, spec: {" + spec + "}}";
    }

    private static String container(String resources) {
        return object("containers: [{name: c, resources: {" + resources + "}}]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            pods | pods: 1, cpu: 2, requests.memory: 1Gi | requests: {cpu: 500m, memory: 1Gi} | \
{'pods':'1','cpu':'500m','requests.memory':'1Gi'}
            pods | limits.cpu: 2, count/pods: 1 | limits: {cpu: 2} | {'limits.cpu':'2','count/pods':'1'}
            pods | requests.example.com/gpu: 2 | requests: {example.com/gpu: 2} | {'requests.example.com/gpu':'2'}
            pods | requests.deviceclass.resource.kubernetes.io/gpu: 2 | requests: {deviceclass.resource.kubernetes.io/gpu: 2} | \
{'requests.deviceclass.resource.kubernetes.io/gpu':'2'}
            pods | requests.hugepages-2Mi: 4Mi, hugepages-2Mi: 4Mi | requests: {hugepages-2Mi: 2Mi} | \
{'requests.hugepages-2Mi':'2Mi','hugepages-2Mi':'2Mi'}
            pods | ephemeral-storage: 1Gi, limits.ephemeral-storage: 2Gi | requests: {ephemeral-storage: 1Gi}, limits: \
{ephemeral-storage: 1Gi} | {'ephemeral-storage':'1Gi','limits.ephemeral-storage':'1Gi'}
            """)
    void countsPods(String resource, String hard, String resources, String used) throws Exception {
        quota("q", "", hard, hard.replaceAll(": [^,]*", ": 0"));
        TestWrite.create(resource, container(resources)).through(plugin);
        assertEquals(used, used("q"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            services | services: 1, services.nodeports: 2, services.loadbalancers: 1 | type: LoadBalancer, ports: [{port: 1}, \
{port: 2}] | {'services':'1','services.nodeports':'2','services.loadbalancers':'1'}
            services | count/services: 1, services.nodeports: 2 | type: ClusterIP, ports: [{port: 1}] | \
{'count/services':'1','services.nodeports':0}
            services | services.nodeports: 2 | type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 1}, \
{port: 2, nodePort: 30000}] | {'services.nodeports':'1'}
            persistentvolumeclaims | requests.storage: 2Gi, gold.storageclass.storage.k8s.io/requests.storage: 2Gi, \
gold.storageclass.storage.k8s.io/persistentvolumeclaims: 1 | storageClassName: gold, resources: {requests: {storage: 1Gi}} | \
{'requests.storage':'1Gi','gold.storageclass.storage.k8s.io/requests.storage':'1Gi',\
'gold.storageclass.storage.k8s.io/persistentvolumeclaims':'1'}
            persistentvolumeclaims | persistentvolumeclaims: 3 | resources: {requests: {storage: 1500m}} | \
{'persistentvolumeclaims':'1'}
            persistentvolumeclaims | requests.storage: 3 | resources: {requests: {storage: 1500m}} | {'requests.storage':'2'}
            configmaps | configmaps: 1, count/configmaps: 2 | a: b | {'configmaps':'1','count/configmaps':'1'}
            deployments.apps | count/deployments.apps: 1, count/pods: 1 | a: b | {'count/deployments.apps':'1','count/pods':0}
            """)
    void countsOthers(String resource, String hard, String spec, String used) throws Exception {
        quota("q", "", hard, hard.replaceAll(": [^,]*", ": 0"));
        TestWrite.create(resource, object(spec)).through(plugin);
        assertEquals(used, used("q"));
    }

    private static String claim(String requests) {
        return object("devices: {requests: [" + requests + "]}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {name: a, exactly: {deviceClassName: gpu, allocationMode: ExactCount, count: 3}} | 1 | 3 | 0
            {name: a, exactly: {deviceClassName: gpu, allocationMode: All}} | 1 | 32 | 0
            {name: a, exactly: {deviceClassName: gpu, allocationMode: ExactCount, count: 1}}, {name: b, exactly: \
{deviceClassName: gpu, allocationMode: ExactCount, count: 2}} | 1 | 3 | 0
            {name: a, firstAvailable: [{name: x, deviceClassName: gpu, allocationMode: ExactCount, count: 4}, {name: y, \
deviceClassName: gpu, allocationMode: ExactCount, count: 2}, {name: z, deviceClassName: nic, allocationMode: ExactCount, \
count: 1}]} | 1 | 4 | 1
            {name: a, exactly: {deviceClassName: gpu, allocationMode: OfTomorrow}} | 1 | 0 | 0
            {name: a, exactly: {deviceClassName: other, allocationMode: ExactCount, count: 9}} | 1 | 0 | 0
            """)
    void countsDevices(String requests, int claims, int gpus, int nics) throws Exception {
        String hard = "count/resourceclaims.resource.k8s.io: 1, gpu.deviceclass.resource.k8s.io/devices: 40,"
                + " nic.deviceclass.resource.k8s.io/devices: 1";
        quota("q", "", hard, hard.replaceAll(": \\d+", ": 0"));
        TestWrite.create("resourceclaims.resource.k8s.io", claim(requests)).through(plugin);
        assertEquals(
                "{'count/resourceclaims.resource.k8s.io':" + claims + ",'gpu.deviceclass.resource.k8s.io/devices':"
                        + gpus + ",'nic.deviceclass.resource.k8s.io/devices':" + nics + "}",
                used("q").replaceAll("'(\\d+)'", "$1"));
    }

    @Test
    void moreDevicesThanThereAreAllowedAreRefused() {
        quota("q", "", "gpu.deviceclass.resource.k8s.io/devices: 4", "gpu.deviceclass.resource.k8s.io/devices: 3");
        assertEquals(
                "exceeded quota: q, requested: gpu.deviceclass.resource.k8s.io/devices=2, used:"
                        + " gpu.deviceclass.resource.k8s.io/devices=3, limited:"
                        + " gpu.deviceclass.resource.k8s.io/devices=4",
                TestWrite.create(
                                "resourceclaims.resource.k8s.io",
                                claim(
                                        "{name: a, exactly: {deviceClassName: gpu, allocationMode: ExactCount, count: 2}}"))
                        .refusedBy(plugin));
    }

    private void classes() {
        objects.with(
                        "deviceclasses.resource.k8s.io",
                        "{metadata: {name: gpu}, spec: {extendedResourceName: example.com/gpu}}")
                .with("deviceclasses.resource.k8s.io", "{metadata: {name: nic}, spec: {}}");
    }

    private static String exactly(String name, String deviceClass, int count) {
        return "{name: " + name + ", exactly: {deviceClassName: " + deviceClass
                + ", allocationMode: ExactCount, count: " + count + "}}";
    }

    @Test
    void countsDevicesAsTheExtendedResourcesOfTheirClassToo() throws Exception {
        classes();
        String hard = "requests.example.com/gpu: 9, requests.deviceclass.resource.kubernetes.io/gpu: 9,"
                + " requests.deviceclass.resource.kubernetes.io/nic: 9";
        // Nobody has counted yet what no class is, which is nothing to claims.
        quota("q", "", hard + ", requests.example.com/fpga: 9", hard.replace("9", "0"));
        TestWrite.create(
                        "resourceclaims.resource.k8s.io", claim(exactly("a", "gpu", 2) + ", " + exactly("b", "nic", 1)))
                .through(plugin);
        assertEquals(
                "{'requests.example.com/gpu':'2','requests.deviceclass.resource.kubernetes.io/gpu':'2',"
                        + "'requests.deviceclass.resource.kubernetes.io/nic':'1'}",
                used("q"));
        String implicit = "requests.deviceclass.resource.kubernetes.io/gpu=";
        assertEquals(
                "exceeded quota: q, requested: " + implicit + "8,requests.example.com/gpu=8, used: " + implicit
                        + "2,requests.example.com/gpu=2, limited: " + implicit + "9,requests.example.com/gpu=9",
                TestWrite.create("resourceclaims.resource.k8s.io", claim(exactly("a", "gpu", 8)))
                        .refusedBy(plugin));
    }

    /** A claim as the scheduler makes it for a pod's extended resources. */
    private static String claimOfPod(String name, String uid, String requests) {
        return "{metadata: {name: " + name
                + ", namespace: default, creationTimestamp: '2026-05-01T12:00:00Z', annotations:"
                + " {resource.kubernetes.io/extended-resource-claim: 'true'}, ownerReferences: [{apiVersion: v1, kind: Pod,"
                + " name: web, uid: " + uid + ", controller: true}]}, spec: {devices: {requests: [" + requests + "]}}}";
    }

    private void podThatUsesAll(String status) {
        classes();
        objects.with(
                "pods",
                "{metadata: {name: web, namespace: default, uid: u}, spec: {containers: [{name: c, resources: {requests:"
                        + " {example.com/gpu: 1}}}]}, status: {" + status + "}}");
        String hard = "requests.example.com/gpu: 1, gpu.deviceclass.resource.k8s.io/devices: 9,"
                + " requests.deviceclass.resource.kubernetes.io/gpu: 9";
        quota("q", "", hard, hard.replace("9", "0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "extendedResourceClaimStatus: {resourceClaimName: web-b}"})
    void whatAPodWasChargedForItsClaimIsNot(String status) throws Exception {
        podThatUsesAll(status);
        TestWrite.create("resourceclaims.resource.k8s.io", claimOfPod("web-b", "u", exactly("a", "gpu", 1)))
                .through(plugin);
        assertEquals(
                "{'requests.example.com/gpu':1,'gpu.deviceclass.resource.k8s.io/devices':'1',"
                        + "'requests.deviceclass.resource.kubernetes.io/gpu':'1'}",
                used("q"));
    }

    private void isChargedAnew(String claim) {
        assertEquals(
                "exceeded quota: q, requested: requests.example.com/gpu=1, used: requests.example.com/gpu=1, limited:"
                        + " requests.example.com/gpu=1",
                TestWrite.create("resourceclaims.resource.k8s.io", claim).refusedBy(plugin));
    }

    @Test
    void claimsThatOnlySayTheyArePodsAreCharged() {
        podThatUsesAll("");
        String one = exactly("a", "gpu", 1);
        isChargedAnew(claimOfPod("web-b", "v", one));
        isChargedAnew(claimOfPod("web-b", "u", one).replace("'true'", "'false'"));
        isChargedAnew(claimOfPod("web-b", "u", one).replace("kind: Pod", "kind: Job"));
        isChargedAnew(claimOfPod("web-b", "u", one).replace("controller: true", "controller: false"));
        isChargedAnew(claimOfPod("web-b", "u", exactly("a", "gpu", 2)));
        objects.with("resourceclaims.resource.k8s.io", claimOfPod("web-a", "u", one));
        isChargedAnew(claimOfPod("web-b", "u", one));
    }

    @Test
    void aPodHasOneClaimForItsExtendedResources() {
        podThatUsesAll("extendedResourceClaimStatus: {resourceClaimName: web-a}");
        isChargedAnew(claimOfPod("web-b", "u", exactly("a", "gpu", 1)));
    }

    @Test
    void refusesWhatIsTooMuch() {
        quota("q", "", "pods: 2, cpu: 1, memory: 4Gi", "pods: 1, cpu: 700m, memory: 1Gi");
        assertEquals(
                "exceeded quota: q, requested: cpu=500m, used: cpu=700m, limited: cpu=1",
                TestWrite.create("pods", container("requests: {cpu: 500m, memory: 1Gi}"))
                        .refusedBy(plugin));
        assertEquals(
                "exceeded quota: q, requested: cpu=500m,memory=4Gi, used: cpu=700m,memory=1Gi, limited:"
                        + " cpu=1,memory=4Gi",
                TestWrite.create("pods", container("requests: {cpu: 500m, memory: 4Gi}"))
                        .refusedBy(plugin));
        assertEquals("{'pods':1,'cpu':'700m','memory':'1Gi'}", used("q"));
    }

    @Test
    void whatIsLimitedHasToBeSaid() {
        quota("q", "", "limits.cpu: 2, requests.memory: 1Gi, requests.ephemeral-storage: 1Gi", "limits.cpu: 0");
        assertEquals(
                "failed quota: q: must specify limits.cpu for: a,b; requests.memory for: b",
                TestWrite.create(
                                "pods",
                                object("containers: [{name: b}, {name: a, resources: {requests: {memory: 1}}}]"))
                        .refusedBy(plugin));
    }

    @Test
    void whatIsNotCountedYetIsNotAllowed() {
        quota("q", "", "pods: 2, cpu: 1", "cpu: 0");
        assertEquals(
                "status unknown for quota: q, resources: cpu,pods",
                TestWrite.create("pods", container("requests: {cpu: 1}")).refusedBy(plugin));
    }

    @Test
    void oneThatOneQuotaRefusesTakesNothingFromOthers() {
        quota("a", "", "pods: 5", "pods: 0");
        quota("b", "", "count/pods: 1", "count/pods: 1");
        assertEquals(
                "exceeded quota: b, requested: count/pods=1, used: count/pods=1, limited: count/pods=1",
                TestWrite.create("pods", container("")).refusedBy(plugin));
        assertEquals("{'pods':0}", used("a"));
    }

    @Test
    void whatComesToNothingIsGivenBack() throws Exception {
        quota("a", "", "pods: 5", "pods: 0");
        quota("b", "", "count/pods: 5", "count/pods: 2");
        AdmissionRequest request = TestWrite.create("pods", container("")).request();
        plugin.validate(request);
        assertEquals("{'pods':'1'} {'count/pods':'3'}", used("a") + " " + used("b"));
        request.held().close();
        assertEquals("{'pods':'0'} {'count/pods':'2'}", used("a") + " " + used("b"));
        AdmissionRequest kept = TestWrite.create("pods", container("")).request();
        plugin.validate(kept);
        kept.held().commit();
        kept.held().close();
        assertEquals("{'pods':'1'} {'count/pods':'3'}", used("a") + " " + used("b"));
    }

    @Test
    void aDryRunIsJudgedButNotCounted() throws Exception {
        quota("q", "", "pods: 1", "pods: 0");
        TestWrite.dryCreate("pods", container("")).through(plugin);
        assertEquals("{'pods':0}", used("q"));
        quota("q", "", "pods: 1", "pods: 1");
        assertEquals(
                "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1",
                TestWrite.dryCreate("pods", container("")).refusedBy(plugin));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            scopes: [BestEffort] | containers: [{name: c}] | 1
            scopes: [BestEffort] | containers: [{name: c, resources: {requests: {cpu: 1}}}] | 0
            scopes: [NotBestEffort] | containers: [{name: c, resources: {requests: {cpu: 1}}}] | 1
            scopes: [Terminating] | activeDeadlineSeconds: 5 | 1
            scopes: [Terminating] | containers: [] | 0
            scopes: [NotTerminating, BestEffort] | containers: [{name: c}] | 1
            scopes: [NotTerminating, BestEffort] | activeDeadlineSeconds: 5 | 0
            scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]} | \
priorityClassName: high | 1
            scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]} | \
priorityClassName: low | 0
            scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: NotIn, values: [high]}]} | \
containers: [] | 1
            scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: Exists}]} | containers: [] | 0
            scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: DoesNotExist}]} | containers: [] | 1
            scopes: [CrossNamespacePodAffinity] | affinity: {podAffinity: \
{requiredDuringSchedulingIgnoredDuringExecution: [{namespaces: [x], topologyKey: z}]}} | 1
            scopes: [CrossNamespacePodAffinity] | affinity: {podAntiAffinity: \
{preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: z}}]}} | 0
            """)
    void scopesPickPods(String spec, String pod, int counted) throws Exception {
        quota("q", spec, "pods: 3", "pods: 0");
        TestWrite.create("pods", object(pod)).through(plugin);
        assertEquals("{'pods':" + (counted == 0 ? "0" : "'1'") + "}", used("q"));
    }

    @Test
    void claimsArePickedByTheirAttributes() throws Exception {
        String scope =
                "scopeSelector: {matchExpressions: [{scopeName: VolumeAttributesClass, operator: In, values: [fast]}]}";
        quota("q", scope, "persistentvolumeclaims: 3", "persistentvolumeclaims: 0");
        TestWrite.create("persistentvolumeclaims", object("volumeAttributesClassName: slow"))
                .through(plugin);
        assertEquals("{'persistentvolumeclaims':0}", used("q"));
        TestWrite.create("persistentvolumeclaims", object("volumeAttributesClassName: fast"))
                .through(plugin);
        assertEquals("{'persistentvolumeclaims':'1'}", used("q"));
    }

    @Test
    void changesCountWhatTheyAdd() throws Exception {
        quota(
                "q",
                "",
                "services.nodeports: 3, requests.storage: 5Gi, cpu: 3",
                "services.nodeports: 1, requests.storage: 1Gi, cpu: 1");
        TestWrite.update(
                        "services",
                        "",
                        object("type: NodePort, ports: [{port: 1}, {port: 2}]"),
                        object("type: NodePort, ports: [{port: 1}]"))
                .through(plugin);
        TestWrite.update(
                        "persistentvolumeclaims",
                        "",
                        object("resources: {requests: {storage: 3Gi}}"),
                        object("resources: {requests: {storage: 1Gi}}"))
                .through(plugin);
        TestWrite.update("pods", "resize", container("requests: {cpu: 2}"), container("requests: {cpu: 1}"))
                .through(plugin);
        assertEquals("{'services.nodeports':'2','requests.storage':'3Gi','cpu':'2'}", used("q"));
        assertEquals(
                "exceeded quota: q, requested: cpu=4, used: cpu=2, limited: cpu=3",
                TestWrite.update("pods", "resize", container("requests: {cpu: 5}"), container("requests: {cpu: 1}"))
                        .refusedBy(plugin));
        TestWrite.update("services", "", object("type: ClusterIP"), object("type: NodePort, ports: [{port: 1}]"))
                .through(plugin);
        assertEquals("{'services.nodeports':'2','requests.storage':'3Gi','cpu':'2'}", used("q"));
    }

    @Test
    void otherNamespacesEventsAndStatusesAreNotCounted() throws Exception {
        quota("q", "", "count/events: 1, pods: 0", "count/events: 0, pods: 0");
        TestWrite.create("events", object("")).through(plugin);
        TestWrite.update("pods", "status", container(""), container("")).through(plugin);
        assertEquals("{'count/events':0,'pods':0}", used("q"));
    }
}
