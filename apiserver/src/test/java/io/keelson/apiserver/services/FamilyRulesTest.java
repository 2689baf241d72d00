package io.keelson.apiserver.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which families Services get in clusters of one and of two. */
final class FamilyRulesTest {
    private static final FamilyRules FOUR = new FamilyRules(List.of(IpFamily.V4));
    private static final FamilyRules BOTH = new FamilyRules(List.of(IpFamily.V4, IpFamily.V6));
    private static final FamilyRules SIX_FIRST = new FamilyRules(List.of(IpFamily.V6, IpFamily.V4));

    private static ObjectNode service(String spec) {
        ObjectNode service = Json.object();
        service.putObject("metadata").put("name", "web");
        service.set("spec", Json.parse(spec.replace('\'', '"')));
        return service;
    }

    private static String applied(FamilyRules rules, String spec, String before) {
        ObjectNode service = service(spec);
        rules.apply(service, before.isEmpty() ? null : service(before));
        JsonNode result = service.path("spec");
        return result.path("ipFamilyPolicy").asText("-") + " "
                + String.join(",", FamilyRules.texts(result, "ipFamilies")) + " "
                + String.join(",", FamilyRules.texts(result, "clusterIPs"));
    }

    private static void refused(FamilyRules rules, String message, String spec, String before) {
        ApiException failure = assertThrows(ApiException.class, () -> applied(rules, spec, before));
        assertEquals("Service \"web\" is invalid: " + message, failure.message());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'type': 'ClusterIP', 'selector': {'a': 'b'}                                    | SingleStack IPv4
            'type': 'NodePort', 'ipFamilyPolicy': 'PreferDualStack'                        | PreferDualStack IPv4,IPv6
            'type': 'ClusterIP', 'ipFamilyPolicy': 'RequireDualStack'                      | RequireDualStack IPv4,IPv6
            'type': 'ClusterIP', 'ipFamilies': ['IPv6']                                    | SingleStack IPv6
            'type': 'ClusterIP', 'ipFamilies': ['IPv6'], 'ipFamilyPolicy': 'PreferDualStack'  | PreferDualStack IPv6,IPv4
            'type': 'ClusterIP', 'clusterIP': 'fd00::1', 'clusterIPs': ['fd00::1']         | SingleStack IPv6 fd00::1
            'type': 'ClusterIP', 'clusterIP': 'None', 'clusterIPs': ['None'], 'selector': {'a': 'b'}  | SingleStack IPv4 None
            'type': 'ClusterIP', 'clusterIP': 'None', 'clusterIPs': ['None']               | RequireDualStack IPv4,IPv6 None
            'type': 'ExternalName'                                                         | -
            """)
    void newServicesInAClusterOfTwoFamilies(String spec, String outcome) {
        assertEquals(outcome, applied(BOTH, "{" + spec + "}", "").strip());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'type': 'ClusterIP', 'selector': {'a': 'b'}                                    | SingleStack IPv4
            'type': 'ClusterIP', 'ipFamilyPolicy': 'PreferDualStack'                       | PreferDualStack IPv4
            'type': 'ClusterIP', 'clusterIP': 'None', 'clusterIPs': ['None']               | RequireDualStack IPv4,IPv6 None
            'type': 'ClusterIP', 'clusterIP': 'None', 'clusterIPs': ['None'], 'ipFamilies': ['IPv6'], 'ipFamilyPolicy': 'SingleStack' | SingleStack IPv6 None
            """)
    void newServicesInAClusterOfOneFamily(String spec, String outcome) {
        assertEquals(outcome, applied(FOUR, "{" + spec + "}", "").strip());
    }

    @Test
    void theFirstRangeIsPreferred() {
        assertEquals("SingleStack IPv6 ", applied(SIX_FIRST, "{'type': 'ClusterIP'}", ""));
    }

    @Test
    void refusesWhatTheClusterHasNot() {
        refused(
                FOUR,
                "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack"
                        + " services",
                "{'type': 'ClusterIP', 'ipFamilyPolicy': 'RequireDualStack'}",
                "");
        refused(
                FOUR,
                "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster",
                "{'type': 'ClusterIP', 'ipFamilies': ['IPv6']}",
                "");
        refused(
                FOUR,
                "spec.clusterIPs[0]: Invalid value: [\"fd00::1\"]: IPv6 is not configured on this cluster",
                "{'type': 'ClusterIP', 'clusterIP': 'fd00::1', 'clusterIPs': ['fd00::1']}",
                "");
    }

    @Test
    void refusesTwoWhereOneIsAskedFor() {
        refused(
                BOTH,
                "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when"
                        + " multiple IP families are specified",
                "{'type': 'ClusterIP', 'ipFamilies': ['IPv4', 'IPv6']}",
                "");
        refused(
                BOTH,
                "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when"
                        + " multiple cluster IPs are specified",
                "{'type': 'ClusterIP', 'clusterIP': '10.0.0.1', 'clusterIPs': ['10.0.0.1', 'fd00::1']}",
                "");
    }

    private static final String DUAL =
            "{'type': 'ClusterIP', 'ipFamilyPolicy': 'PreferDualStack', 'clusterIP': '10.0.0.1',"
                    + " 'clusterIPs': ['10.0.0.1', 'fd00::1'], 'ipFamilies': ['IPv4', 'IPv6']}";
    private static final String SINGLE =
            "{'type': 'ClusterIP', 'ipFamilyPolicy': 'SingleStack', 'clusterIP': '10.0.0.1',"
                    + " 'clusterIPs': ['10.0.0.1'], 'ipFamilies': ['IPv4']}";

    @Test
    void aSecondFamilyComesAndGoesWithThePolicy() {
        assertEquals(
                "RequireDualStack IPv4,IPv6 10.0.0.1",
                applied(BOTH, SINGLE.replace("SingleStack", "RequireDualStack"), SINGLE));
        assertEquals(
                "PreferDualStack IPv4,IPv6 10.0.0.1",
                applied(BOTH, SINGLE.replace("SingleStack", "PreferDualStack"), SINGLE));
        assertEquals("SingleStack IPv4 10.0.0.1", applied(BOTH, DUAL.replace("PreferDualStack", "SingleStack"), DUAL));
        refused(
                BOTH,
                "[spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be 'SingleStack' to release the secondary"
                        + " cluster IP, spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be 'SingleStack' to"
                        + " release the secondary IP family]",
                SINGLE.replace("SingleStack", "PreferDualStack"),
                DUAL);
    }

    @Test
    void whatPrefersTwoStaysAsItIsWhenTheClusterChanges() {
        assertEquals("PreferDualStack IPv4,IPv6 10.0.0.1,fd00::1", applied(FOUR, DUAL, DUAL));
        String one = SINGLE.replace("SingleStack", "PreferDualStack");
        assertEquals("PreferDualStack IPv4 10.0.0.1", applied(BOTH, one, one));
    }

    @Test
    void aPolicyThatIsLeftOutStays() {
        String left = DUAL.replace("'ipFamilyPolicy': 'PreferDualStack', ", "");
        assertEquals("PreferDualStack IPv4,IPv6 10.0.0.1,fd00::1", applied(BOTH, left, DUAL));
    }

    @Test
    void servicesOfOldGetWhatTheyDoNotSay() {
        ObjectNode old = service("{'type': 'ClusterIP', 'clusterIP': '10.0.0.1'}");
        FamilyRules.fillInOld(old);
        assertEquals(
                "{\"type\":\"ClusterIP\",\"clusterIP\":\"10.0.0.1\",\"clusterIPs\":[\"10.0.0.1\"],\"ipFamilies\":[\"IPv4\"],"
                        + "\"ipFamilyPolicy\":\"SingleStack\"}",
                Json.text(old.path("spec")));
    }
}
