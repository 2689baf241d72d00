package io.keelson.apiserver.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Configurations of policies put into pods. */
final class AppliedConfigurationTest {
    private static final Schema POD = Objects.requireNonNull(BuiltInSchemas.find("", "v1", "Pod"));
    private static final String LIVE = """
            {'apiVersion':'v1','kind':'Pod','metadata':{'name':'web','labels':{'a':'1'}},'spec':{'containers':[
              {'name':'main','image':'m','ports':[{'containerPort':80,'protocol':'TCP'}]},{'name':'side','image':'s'}]}}""";

    private static ObjectNode read(String json) {
        return Json.parseObject(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode merged(String configuration) throws AppliedConfiguration.MisfitException {
        ObjectNode live = read(LIVE);
        ObjectNode applied = read(configuration);
        ObjectNode merged = AppliedConfiguration.merge(live, applied, POD);
        assertEquals(read(LIVE), live, "the object stays as it is");
        assertEquals(read(configuration), applied, "and the configuration");
        assertEquals(merged, AppliedConfiguration.merge(merged, applied, POD), "twice is once");
        return merged;
    }

    private static String refused(String configuration) {
        return assertThrows(AppliedConfiguration.MisfitException.class, () -> merged(configuration))
                .message();
    }

    @Test
    void setsWhatItHasAndLeavesTheRest() throws AppliedConfiguration.MisfitException {
        ObjectNode merged = merged("""
                {'metadata':{'labels':{'b':'2'}},'spec':{'hostNetwork':true,'containers':[
                  {'name':'main','image':'m2','ports':[{'containerPort':81}]},{'name':'new','image':'n'}]}}""");
        assertEquals(read("{'a':'1','b':'2'}"), merged.at("/metadata/labels"));
        assertEquals("m2", merged.at("/spec/containers/0/image").asText());
        assertEquals(2, merged.at("/spec/containers/0/ports").size());
        assertEquals("side", merged.at("/spec/containers/1/name").asText());
        assertEquals("new", merged.at("/spec/containers/2/name").asText());
    }

    @Test
    void mayNotSetWhatIsOneValue() {
        String start = "invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ";
        assertEquals(
                start + ".spec.containers[0].args", refused("{'spec':{'containers':[{'name':'main','args':['x']}]}}"));
        assertEquals(start + ".spec.nodeSelector", refused("{'spec':{'nodeSelector':{'a':'b'}}}"));
        assertEquals(
                start + ".spec.tolerations, .spec.dnsConfig.nameservers",
                refused("{'spec':{'tolerations':[{'key':'k'}],'dnsConfig':{'nameservers':['1.1.1.1']}}}"));
    }

    @Test
    void mustFitTheSchema() {
        String start = "failed to convert patch object to typed object: ";
        assertEquals(start + ".spec.nope: field not declared in schema", refused("{'spec':{'nope':1}}"));
        assertEquals(
                start + ".spec.containers: duplicate entries for key [name=\"a\"]",
                refused("{'spec':{'containers':[{'name':'a'},{'name':'a'}]}}"));
    }
}
