package io.keelson.apiserver.admission.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitRangerTest {
    private static String pod(String spec) {
        return "{metadata: {name: web, namespace: default}, spec: {" + spec + "}}";
    }

    private static String container(String resources) {
        return "containers: [{name: c, resources: {" + resources + "}}]";
    }

    private static LimitRanger limits(String entries) {
        return new LimitRanger(new TestObjects()
                .with("limitranges", "{metadata: {name: r, namespace: default}, spec: {limits: [" + entries + "]}}")
                .with(
                        "limitranges",
                        "{metadata: {name: far, namespace: other}, spec: {limits: [{type: Pod, min: {cpu: 100}}]}}"));
    }

    private static final LimitRanger DEFAULTS =
            limits("{type: Container, default: {cpu: 500m, memory: 1Gi}, defaultRequest: {cpu: 100m}}");

    @Test
    void containersGetWhatTheyDoNotSay() throws Exception {
        TestWrite write = TestWrite.create(
                "pods",
                pod("containers: [{name: a}, {name: b, resources: {limits: {cpu: 1}, requests: {cpu: 1}}}],"
                        + " initContainers: [{name: i, resources: {limits: {memory: 2Gi}}}]"));
        assertEquals(
                "[{'name':'a','resources':{'limits':{'cpu':'500m','memory':'1Gi'},'requests':{'cpu':'100m'}}},"
                        + "{'name':'b','resources':{'limits':{'cpu':1,'memory':'1Gi'},'requests':{'cpu':1}}}]",
                write.through(DEFAULTS, "/spec/containers"));
        assertEquals(
                "'LimitRanger plugin set: cpu request for container a; cpu, memory limit for container a;"
                        + " memory limit for container b; cpu request for init container i; cpu limit for init"
                        + " container i'",
                write.through(DEFAULTS, "/metadata/annotations/kubernetes.io~1limit-ranger"));
    }

    @Test
    void podsThatSayEverythingAreNotAnnotated() throws Exception {
        assertEquals(
                "",
                TestWrite.create("pods", pod(container("limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1}")))
                        .through(DEFAULTS, "/metadata/annotations"));
    }

    @Test
    void changesOfPodsAreNotLimitedButResizingIs() throws Exception {
        LimitRanger limits = limits("{type: Container, max: {cpu: 1}}");
        String large = pod(container("limits: {cpu: 2}, requests: {cpu: 2}"));
        TestWrite.update("pods", "", large, large).through(limits);
        assertEquals(
                "maximum cpu usage per Container is 1, but limit is 2",
                TestWrite.update("pods", "resize", large, large).refusedBy(limits));
        String leaving = "{metadata: {name: web, deletionTimestamp: '2026-01-01T00:00:00Z'}}";
        TestWrite.update("pods", "resize", large, leaving).through(limits);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            min: {cpu: 100m} | requests: {memory: 1} | minimum cpu usage per Container is 100m.  No request is specified
            min: {cpu: 100m} | requests: {cpu: 50m} | minimum cpu usage per Container is 100m, but request is 50m
            min: {cpu: 100m} | requests: {cpu: 100m}, limits: {cpu: 99m} | minimum cpu usage per Container is 100m, but \
limit is 99m
            max: {memory: 1Gi} | requests: {memory: 1Gi} | maximum memory usage per Container is 1Gi.  No limit is specified
            max: {memory: 1Gi} | limits: {memory: 2Gi} | maximum memory usage per Container is 1Gi, but limit is 2Gi
            max: {memory: 1Gi} | limits: {memory: 1Gi}, requests: {memory: 2Gi} | maximum memory usage per Container is \
1Gi, but request is 2Gi
            maxLimitRequestRatio: {cpu: 2} | limits: {cpu: 1} | cpu max limit to request ratio per Container is 2, but no \
request is specified or request is 0
            maxLimitRequestRatio: {cpu: 2} | requests: {cpu: 1} | cpu max limit to request ratio per Container is 2, but no \
limit is specified or limit is 0
            maxLimitRequestRatio: {cpu: 2} | requests: {cpu: 1}, limits: {cpu: 2500m} | cpu max limit to request ratio per \
Container is 2, but provided ratio is 2.500000
            min: {cpu: 1}, max: {memory: 1Gi} | requests: {memory: 1} | [minimum cpu usage per Container is 1.  No request \
is specified, maximum memory usage per Container is 1Gi.  No limit is specified]
            """)
    void refusesContainers(String limit, String resources, String why) {
        assertEquals(
                why,
                TestWrite.create("pods", pod(container(resources)))
                        .refusedBy(limits("{type: Container, " + limit + "}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            min: {cpu: 100m} | requests: {cpu: 100m}
            max: {cpu: 100m} | limits: {cpu: '0.1'}
            maxLimitRequestRatio: {cpu: 1.5} | requests: {cpu: 2}, limits: {cpu: 3}
            max: {memory: 8Ei} | limits: {memory: 7Ei}
            """)
    void admitsContainers(String limit, String resources) throws Exception {
        TestWrite.create("pods", pod(container(resources))).through(limits("{type: Container, " + limit + "}"));
    }

    @Test
    void podsAreJudgedByTheSumOfTheirContainers() {
        LimitRanger limits = limits("{type: Pod, max: {cpu: 2}}");
        assertEquals(
                "maximum cpu usage per Pod is 2, but limit is 2500m",
                TestWrite.create(
                                "pods",
                                pod(
                                        "containers: [{name: a, resources: {limits: {cpu: 1}}}, {name: b, resources: {limits:"
                                                + " {cpu: 1500m}}}]"))
                        .refusedBy(limits));
        assertEquals(
                "maximum cpu usage per Pod is 2, but limit is 3",
                TestWrite.create(
                                "pods",
                                pod("containers: [{name: a, resources: {limits: {cpu: 1}}}], initContainers: [{name: b,"
                                        + " resources: {limits: {cpu: 3}}}]"))
                        .refusedBy(limits));
        assertEquals(
                "maximum cpu usage per Pod is 2, but limit is 4",
                TestWrite.create("pods", pod("resources: {limits: {cpu: 4}}, " + container("limits: {cpu: 1}")))
                        .refusedBy(limits));
    }

    @Test
    void claimsAreJudgedByTheirRequests() throws Exception {
        LimitRanger limits = limits("{type: PersistentVolumeClaim, min: {storage: 1Gi}, max: {storage: 5Gi}}");
        String claims = "persistentvolumeclaims";
        assertEquals(
                "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi",
                TestWrite.create(claims, pod("resources: {requests: {storage: 1Mi}}"))
                        .refusedBy(limits));
        String large = pod("resources: {requests: {storage: 6Gi}}");
        String fine = pod("resources: {requests: {storage: 2Gi}}");
        assertEquals(
                "maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi",
                TestWrite.update(claims, "", large, fine).refusedBy(limits));
        TestWrite.create(claims, fine).through(limits);
    }
}
