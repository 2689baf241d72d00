package io.keelson.apiserver.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is done with objects of built-in kinds between the client and the store. */
class BuiltInObjectsTest {
    private static final Schema POD = of("", "v1", "Pod");
    private static final Schema DEPLOYMENT = of("apps", "v1", "Deployment");
    private static final Schema SERVICE = of("", "v1", "Service");

    private static Schema of(String group, String version, String kind) {
        Schema schema = BuiltInSchemas.find(group, version, kind);
        assertNotNull(schema);
        return schema;
    }

    private static ObjectNode object(String json) {
        return Json.parseObject(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static String formed(String json, Schema schema) {
        ObjectNode object = object(json);
        WireForm.apply(object, schema);
        String once = Json.text(object);
        WireForm.apply(object, schema);
        assertEquals(once, Json.text(object));
        return once.replace('"', '\'');
    }

    private static String defaulted(String json, Schema schema) {
        ObjectNode object = object(json);
        Defaulting.apply(object, schema);
        String once = Json.text(object);
        Defaulting.apply(object, schema);
        assertEquals(once, Json.text(object));
        return once.replace('"', '\'');
    }

    private static @Nullable String wrong(String json, Schema schema) {
        return TypeCheck.check(object(json), schema);
    }

    @Test
    void findsFieldsThatAreNotDeclared() {
        ObjectNode pod =
                object("{'kind':'Pod','foo':1,'metadata':{'name':'a','bar':{}},'spec':{'containers':[{'name':'a'},"
                        + "{'nam':'b','env':[{'name':'x','valu':''}]}],'nodeSelector':{'any':'thing'}}}");
        assertEquals(
                List.of(
                        "unknown field \"foo\"",
                        "unknown field \"metadata.bar\"",
                        "unknown field \"spec.containers[1].nam\"",
                        "unknown field \"spec.containers[1].env[0].valu\""),
                UnknownFields.find(pod, POD));
        Pruning.prune(pod, POD);
        assertEquals(List.of(), UnknownFields.find(pod, POD));
        assertEquals(
                "{'kind':'Pod','metadata':{'name':'a'},'spec':{'containers':[{'name':'a'},{'env':[{'name':'x'}]}],"
                        + "'nodeSelector':{'any':'thing'}}}",
                Json.text(pod).replace('"', '\''));
    }

    @Test
    void leavesWhatIsFree() {
        Schema revision = of("apps", "v1", "ControllerRevision");
        ObjectNode object = object("{'data':{'spec':{'x':[{'y':1}]}},'revision':1}");
        assertEquals(List.of(), UnknownFields.find(object, revision));
        Pruning.prune(object, revision);
        assertEquals(1, object.at("/data/spec/x/0/y").intValue());
    }

    @Test
    void tellsAHundredUnknownFieldsAtMost() {
        ObjectNode pod = Json.object();
        for (int i = 0; i < 1_000; i++) {
            pod.put("f" + i, i);
        }
        assertEquals(100, UnknownFields.find(pod, POD).size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'spec':{'replicas':'3'}} | json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
                "{'spec':{'replicas':3000000000}} | json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32",
                "{'spec':{'replicas':1.5}} | json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
                "{'spec':{'paused':'yes'}} | json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool",
                "{'spec':[]} | json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec",
                "{'metadata':{'labels':{'a':1}}} | json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
                "{'metadata':{'labels':[]}} | json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string",
                "{'spec':{'template':{'spec':{'containers':{}}}}} | json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
                "{'spec':{'template':{'spec':{'containers':[{'image':1}]}}}} | json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.image of type string",
                "{'spec':{'template':{'spec':{'dnsPolicy':true}}}} | json: cannot unmarshal bool into Go struct field PodSpec.spec.template.spec.dnsPolicy of type v1.DNSPolicy",
                "{'spec':{'template':{'spec':{'containers':[{'resources':{'limits':[]}}]}}}} | json: cannot unmarshal array into Go struct field ResourceRequirements.spec.template.spec.containers.resources.limits of type v1.ResourceList",
                "{'spec':{'template':{'spec':{'containers':[{'resources':{'limits':{'cpu':'x'}}}]}}}} | quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
                "{'metadata':{'creationTimestamp':'yesterday'}} | parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"",
                "{'metadata':{'creationTimestamp':1}} | json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
            })
    void namesWrongTypesAsTheOriginalDoes(String json, String error) {
        assertEquals(error, wrong(json, DEPLOYMENT));
    }

    @Test
    void checksTypesThatAreMoreThanText() {
        assertNull(wrong("{'spec':{'ports':[{'port':80,'targetPort':'http'},{'targetPort':8080}]}}", SERVICE));
        assertEquals(
                "json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type int32",
                wrong("{'spec':{'ports':[{'targetPort':true}]}}", SERVICE));
        assertEquals("illegal base64 data at input byte 1", wrong("{'data':{'a':'x-y='}}", of("", "v1", "Secret")));
        assertNull(wrong("{'data':{'a':'aGk=','b':'','c':null,'d':'aG\\nk='}}", of("", "v1", "Secret")));
        assertNull(wrong("{'spec':null,'metadata':{'labels':null,'name':null}}", POD));
        assertEquals(
                "json: cannot unmarshal array into Go value of type v1.Pod", TypeCheck.check(Json.parse("[]"), POD));
    }

    @Test
    void tellsTheFirstWrongTypeUnlessTextHasNotItsForm() {
        assertEquals(
                "json: cannot unmarshal number into Go struct field Pod.kind of type string",
                wrong("{'kind':1,'spec':{'hostname':2}}", POD));
        assertEquals(
                "parsing time \"\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"2006\"",
                wrong("{'kind':1,'metadata':{'creationTimestamp':''}}", POD));
    }

    @Test
    void writesObjectsAsTheOriginalDoes() {
        assertEquals(
                "{'apiVersion':'v1','kind':'Pod','spec':{'containers':[{'name':'a','resources':{}}]},'metadata':{},'status':{}}",
                formed("{'apiVersion':'v1','kind':'Pod','spec':{'containers':[{'name':'a'}]}}", POD));
        assertEquals(
                "{'metadata':{},'spec':{'selector':null,'strategy':{},'template':{'metadata':{},'spec':{'containers':null}}},"
                        + "'status':{}}",
                formed("{}", DEPLOYMENT));
        assertEquals("{'metadata':{},'spec':{},'status':{'loadBalancer':{}}}", formed("{}", SERVICE));
        assertEquals("{'metadata':{},'rules':null}", formed("{}", of("rbac.authorization.k8s.io", "v1", "Role")));
        assertEquals("{'metadata':{}}", formed("{}", of("", "v1", "ConfigMap")));
    }

    @Test
    void leavesOutWhatIsEmptyAndKeepsWhatWasChosen() {
        assertEquals(
                "{'metadata':{'name':'a'},'spec':{'replicas':0,'selector':{},'strategy':{},'template':{'metadata':{},"
                        + "'spec':{'containers':[],'terminationGracePeriodSeconds':0}}},'status':{}}",
                formed(
                        "{'metadata':{'name':'a','labels':{},'annotations':null,'finalizers':[],'creationTimestamp':null},"
                                + "'spec':{'replicas':0,'paused':false,'minReadySeconds':0,'selector':{'matchLabels':{}},"
                                + "'strategy':{},'template':{'metadata':{},'spec':{'hostNetwork':false,'containers':[],"
                                + "'nodeName':'','terminationGracePeriodSeconds':0,'securityContext':null}}},'status':null}",
                        DEPLOYMENT));
    }

    @Test
    void writesQuantitiesTimesAndBytesInOneWay() {
        assertEquals(
                "{'metadata':{'creationTimestamp':'2026-01-31T10:00:00Z'},'spec':{'containers':[{'name':'a','resources':"
                        + "{'limits':{'cpu':'1','memory':'1536Mi','gpu':'2'}}}]},'status':{}}",
                formed(
                        "{'metadata':{'creationTimestamp':'2026-01-31T12:00:00.5+02:00'},'spec':{'containers':[{'name':'a',"
                                + "'resources':{'limits':{'cpu':'1000m','memory':'1.5Gi','gpu':2}}}]},'status':{}}",
                        POD));
        assertEquals(
                "{'data':{'a':'aGk=','b':''},'metadata':{}}",
                formed("{'data':{'a':'aG\\nk=','b':null}}", of("", "v1", "Secret")));
        assertEquals(
                "{'metadata':{},'spec':{'renewTime':'2026-01-31T10:00:00.000001Z'}}",
                formed(
                        "{'metadata':{},'spec':{'renewTime':'2026-01-31T10:00:00.000001+00:00'}}",
                        of("coordination.k8s.io", "v1", "Lease")));
    }

    @Test
    void fillsInTheDefaultsOfTheTypes() {
        assertEquals(
                "{'spec':{'containers':[{'ports':[{'containerPort':80,'protocol':'TCP'}]}]}}",
                defaulted("{'spec':{'containers':[{'ports':[{'containerPort':80}]}]}}", POD));
        assertEquals(
                "{'spec':{'ports':[{'port':80,'protocol':'TCP'},{'port':53,'protocol':'UDP'}]}}",
                defaulted("{'spec':{'ports':[{'port':80},{'port':53,'protocol':'UDP'}]}}", SERVICE));
        assertEquals(
                "{'spec':{'template':{'spec':{'containers':[{'name':'a'}]}}}}",
                defaulted("{'spec':{'template':{'spec':{'containers':[{'name':'a'}]}}}}", DEPLOYMENT));
    }

    @Test
    void staysCalmWithHostileObjects() {
        String deep = "{'spec':".repeat(400) + "1" + "}".repeat(400);
        assertEquals(
                "json: cannot unmarshal number into Go struct field Pod.kind of type string",
                wrong("{'kind':1," + deep.substring(1), POD));
        assertEquals(List.of("unknown field \"spec.spec\""), UnknownFields.find(object(deep), POD));
        assertEquals(
                "{'metadata':{},'spec':{'containers':null,'containerz':1e+300},'status':{}}".length(),
                formed("{'metadata':{},'spec':{'containers':null,'containerz':1e300},'status':{}}", POD)
                        .length());
    }
}
