package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Those who may write the status of a claim may not write all of it. */
@ExtendWith(LiveApi.Extension.class)
class ClaimStatusTest {
    private static final String GROUP = "'apiGroups': ['resource.k8s.io']";
    private static final String STATUS =
            "{" + GROUP + ", 'resources': ['resourceclaims/status'], 'verbs': ['get', 'update', 'patch']}";
    private static final String TO_BIND =
            "{" + GROUP + ", 'resources': ['resourceclaims/binding'], 'verbs': ['update', 'patch']}";
    private static final String GIVEN = """
            {'status': {'allocation': {
              'devices': {'results': [{'request': 'a', 'driver': 'a.example.com', 'pool': 'p', 'device': 'd'},
                                      {'request': 'a', 'driver': 'b.example.com', 'pool': 'p', 'device': 'd'}]},
              'nodeSelector': {'nodeSelectorTerms': [
                {'matchFields': [{'key': 'metadata.name', 'operator': 'In', 'values': ['one']}]}]}}}}""";
    private static final String NODE = "/status/allocation/nodeSelector/nodeSelectorTerms/0/matchFields/0/values/0";
    private static final String RESERVED =
            "{'status': {'reservedFor': [{'resource': 'pods', 'name': 'p', 'uid': 'u'}]}}";

    private final LiveApi api;
    private final String namespace;
    private final String status;

    ClaimStatusTest(LiveApi api) {
        this.api = api;
        namespace = api.namespace();
        String claims = "/apis/resource.k8s.io/v1/namespaces/" + namespace + "/resourceclaims";
        status = claims + "/mine/status";
        api.post(claims, """
                        {'metadata': {'name': 'mine'}, 'spec': {'devices': {'requests': [
                          {'name': 'a', 'exactly': {'deviceClassName': 'gpu', 'count': 2}}]}}}""").succeeded();
    }

    private LimitedUser writer() {
        return new LimitedUser(api, "writer-" + namespace).mayIn(namespace, STATUS);
    }

    private static String forDriver(String verb, String driver) {
        return "{" + GROUP + ", 'resources': ['resourceclaims/driver'], 'verbs': ['" + verb + "'], 'resourceNames': ['"
                + driver + "']}";
    }

    private static String says(String driver) {
        return "{'status': {'devices': [{'driver': '" + driver
                + "', 'pool': 'p', 'device': 'd', 'data': {'a': 'b'}}]}}";
    }

    /** The same as a configuration to apply. */
    private static String applied(String json) {
        return "{'apiVersion': 'resource.k8s.io/v1', 'kind': 'ResourceClaim', 'metadata': {'name': 'mine'}, "
                + json.substring(1);
    }

    private static void refused(Answer answer, String... texts) {
        assertEquals(422, answer.code(), answer.body()::toString);
        assertEquals("FieldValueForbidden", answer.text("/details/causes/0/reason"));
        assertEquals(1, answer.at("/details/causes").size(), answer.body()::toString);
        for (String text : texts) {
            assertTrue(answer.message().contains(text), answer.message());
        }
    }

    @Test
    void toGiveAndReserveIsForThoseWhoMayBindInTheWholeCluster() {
        LimitedUser writer = writer();
        String why =
                "ResourceClaim.resource.k8s.io \"mine\" is invalid: status: Forbidden: changing status.allocation or"
                        + " status.reservedFor requires resource=\"resourceclaims/binding\", verb=\"patch\" permission:"
                        + " resourceclaims.resource.k8s.io is forbidden: User \"" + writer.name()
                        + "\" cannot patch resource \"resourceclaims/binding\" in API group \"resource.k8s.io\" at the cluster"
                        + " scope";
        refused(writer.merge(status, GIVEN), why);
        refused(writer.merge(status + "?dryRun=All", GIVEN), why);
        refused(writer.apply(status, applied(GIVEN)), why);
        ObjectNode whole = api.get(status).body();
        whole.set("status", api.merge(status + "?dryRun=All", GIVEN).at("/status"));
        refused(writer.put(status, whole.toString()), "verb=\"update\"");
        writer.mayIn(namespace, TO_BIND);
        refused(writer.merge(status, GIVEN), why);
        assertTrue(api.get(status).at("/status").isEmpty());
        writer.may(TO_BIND);
        writer.apply(status, applied(GIVEN)).succeeded();
        writer.merge(status, RESERVED).succeeded();
        ObjectNode free = api.get(status).body();
        ((ObjectNode) free.path("status")).remove("reservedFor");
        writer.put(status, free.toString()).succeeded();
        assertEquals("one", api.get(status).text(NODE));
        assertTrue(api.get(status).at("/status/reservedFor").isMissingNode());
    }

    @Test
    void whatIsWrongBesidesIsSaidToo() {
        Answer answer = writer().merge(status, RESERVED);
        assertEquals(422, answer.code());
        assertEquals("status", answer.text("/details/causes/0/field"));
        assertEquals("status.reservedFor", answer.text("/details/causes/1/field"));
    }

    @Test
    void driversSpeakForThemselves() {
        api.merge(status, GIVEN).succeeded();
        LimitedUser driver = writer().mayIn(namespace, forDriver("arbitrary-node:patch", "a.example.com"));
        driver.apply(status, applied(says("a.example.com"))).succeeded();
        String why = "status.devices: Forbidden: changing status.devices requires resource=\"resourceclaims/driver\","
                + " verb=\"[arbitrary-node:patch]\" permission: resourceclaims.resource.k8s.io \"b.example.com\" is"
                + " forbidden: User \"" + driver.name() + "\" cannot arbitrary-node:patch resource"
                + " \"resourceclaims/driver\" in API group \"resource.k8s.io\" in the namespace \"" + namespace + "\"";
        refused(driver.merge(status, says("b.example.com")), why);
        refused(driver.apply(status, applied(says("b.example.com"))), why);
        ObjectNode changed = api.get(status).body();
        ((ObjectNode) changed.at("/status/devices/0/data")).put("a", "c");
        refused(driver.put(status, changed.toString()), "verb=\"[arbitrary-node:update]\"");
        driver.mayIn(namespace, forDriver("arbitrary-node:update", "a.example.com"));
        driver.put(status, changed.toString()).succeeded();
        assertEquals("c", api.get(status).text("/status/devices/0/data/a"));
        api.merge(status, says("b.example.com")).succeeded();
        refused(driver.merge(status, "{'status': {'devices': null}}"), why);
        assertEquals("b.example.com", api.get(status).text("/status/devices/0/driver"));
    }

    @Test
    void driversOnTheNodeOfTheClaimNeedNotBeTrustedWithOthers() {
        api.merge(status, GIVEN).succeeded();
        String account = "system:serviceaccount:" + namespace + ":driver";
        new LimitedUser(api, account)
                .mayIn(namespace, STATUS + ", " + forDriver("associated-node:patch", "a.example.com"));
        refused(api.mergeFromNode(account, "two", status, says("a.example.com")), "verb=\"[arbitrary-node:patch]\"");
        refused(
                api.mergeFromNode(account, "one", status, says("b.example.com")),
                "verb=\"[associated-node:patch arbitrary-node:patch]\"");
        api.mergeFromNode(account, "one", status, says("a.example.com")).succeeded();
        assertEquals("b", api.get(status).text("/status/devices/0/data/a"));
    }

    @Test
    void schedulersAndControllersMayBindInEveryCluster() {
        LimitedUser scheduler = new LimitedUser(api, "system:kube-scheduler");
        scheduler.merge(status, GIVEN).succeeded();
        scheduler.merge(status, RESERVED).succeeded();
        refused(scheduler.merge(status, says("a.example.com")), "verb=\"[arbitrary-node:patch]\"");
        api.merge(status, says("a.example.com")).succeeded();
        LimitedUser controller = new LimitedUser(api, "system:serviceaccount:kube-system:resource-claim-controller");
        controller
                .merge(status, "{'status': {'reservedFor': null, 'allocation': null}}")
                .succeeded();
        assertTrue(api.get(status).at("/status").isEmpty(), "and take back what drivers have spoken of");
    }
}
