package io.keelson.apiserver.protobuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class KubernetesProtobufTest {
    /** A pod with one container and one volume, taken apart by hand. */
    private static final byte[] POD = hex(
            "6b387300", // "k8s" and zero
            "0a09 0a027631 1203506f64", // typeMeta = 1 { v1, Pod }
            "12bd01", // raw = 2, 189 bytes
            "  0a29", // metadata = 1
            "    0a0161", // name = 1
            "    1200 1a00 2200 2a00 3200 3800", // generateName, namespace, selfLink, uid, resourceVersion, generation
            "    4208 08cda1e6bb04 1000", // creationTimestamp = 8 { seconds = 1, nanos = 2 }
            "    5a06 0a0161 120131", // labels = 11, in the order of their keys
            "    5a06 0a0162 120132",
            "  127b", // spec = 2
            "    0a09 0a0176 1204 1202 0a00", // volumes = 1 { name = 1, volumeSource = 2 { emptyDir = 2 { medium = 1
            // }}}
            "    1252 0a0163 1200 2a00", // containers = 2 { name = 1, image = 2, workingDir = 5
            "      320a 0a00 1000 1850 2200 2a00", // ports = 6 { name, hostPort, containerPort: 80, protocol, hostIP }
            "      420f 0a0d 0a03637075 1206 0a043530306d", // resources = 8 { limits = 1 { cpu, { "500m" }}}
            "      521c", // livenessProbe = 10
            "        0a10 120e", // handler = 1 { httpGet = 2 { path = 1,
            "          0a00 1206 0800 1050 1a00", // port = 2 { type: a number, intVal: 80, strVal }
            "          1a00 2200", // host, scheme }}
            "        1000 1800 2000 2800 3000", // seconds and thresholds
            "      6a00 7200 800100 880100 900100 a20100", // terminationMessagePath, ... terminationMessagePolicy }
            "    1a00 3200 4200 4a00 5200 5800 6000 6800", // restartPolicy, dnsPolicy, ... hostIPC
            "    820100 8a0100 9a0100 c20100", // hostname, subdomain, schedulerName, priorityClassName
            "  1a13 0a00 1a00 2200 2a00 3200 4a00 5a00 7200 880100", // status = 3
            "1a00 2200"); // contentEncoding = 3, contentType = 4

    private static final String POD_JSON = "{'kind':'Pod','apiVersion':'v1','metadata':{'name':'a','creationTimestamp':"
            + "'2008-01-01T01:01:01Z','labels':{'a':'1','b':'2'}},'spec':{'volumes':[{'name':'v','emptyDir':{}}],"
            + "'containers':[{'name':'c','ports':[{'containerPort':80}],'resources':{'limits':{'cpu':'500m'}},"
            + "'livenessProbe':{'httpGet':{'port':80}}}]},'status':{}}";

    private static byte[] hex(String... parts) {
        return HexFormat.of().parseHex(String.join("", parts).replace(" ", ""));
    }

    private static ObjectNode object(String json) {
        return Json.parseObject(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static String json(ObjectNode object) {
        return Json.text(object).replace('"', '\'');
    }

    private static String roundTrip(String json) {
        return json(KubernetesProtobuf.decode(KubernetesProtobuf.encode(object(json))));
    }

    @Test
    void aPodIsWrittenAsTheOriginalWritesIt() {
        assertArrayEquals(POD, KubernetesProtobuf.encode(object(POD_JSON)));
    }

    @Test
    void theOrderOfFieldsAndKeysInJsonDoesNotMatter() {
        ObjectNode pod = object(POD_JSON);
        ObjectNode turned = Json.object();
        turned.setAll(object("{'status':null,'apiVersion':'v1'}"));
        turned.set("spec", pod.get("spec"));
        turned.set("metadata", pod.get("metadata").deepCopy());
        turned.put("kind", "Pod");
        turned.withObject("/metadata").set("labels", object("{'b':'2','a':'1'}"));
        assertArrayEquals(POD, KubernetesProtobuf.encode(turned));
    }

    @Test
    void aPodIsReadAsTheOriginalShowsIt() {
        assertEquals(POD_JSON, json(KubernetesProtobuf.decode(POD)));
    }

    /** An event of a watch: length, event, and in it the object with magic and all. */
    @Test
    void aWatchIsWrittenInFrames() {
        byte[] object = KubernetesProtobuf.encode(
                object("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','resourceVersion':'12'},"
                        + "'data':{'x':'y'}}"));
        assertArrayEquals(
                hex(
                        "00000043", // 67 bytes follow
                        "0a05 4144444544", // type = 1: ADDED
                        "123a 0a38", // object = 2 { raw = 1, 56 bytes
                        "6b387300", // "k8s" and zero
                        "0a0f 0a027631 1209436f6e6669674d6170", // typeMeta = 1 { v1, ConfigMap }
                        "121d", // raw = 2
                        "  0a13 0a0161 1200 1a00 2200 2a00 32023132 3800 4200", // metadata = 1; no time of creation
                        "  1206 0a0178 120179", // data = 2
                        "1a00 2200"), // contentEncoding, contentType }
                WatchFrames.frame("ADDED", object));
    }

    @Test
    void aFrameCanBeReadAsWatchEvent() {
        byte[] frame = WatchFrames.frame("MODIFIED", POD);
        ObjectNode event = Json.object();
        Message message = MessageTable.get("io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent");
        MessageReader.read(new WireReader(frame, Integer.BYTES, frame.length), message, event, 1);
        assertEquals("MODIFIED", event.path("type").textValue());
        assertEquals(POD_JSON, json(event.withObject("/object")));
    }

    @Test
    void onlyMagicMakesItProtobuf() {
        assertTrue(KubernetesProtobuf.isProtobuf(POD));
        assertFalse(KubernetesProtobuf.isProtobuf(hex("6b3873")));
        assertFalse(KubernetesProtobuf.isProtobuf("{}".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void customKindsAndTablesHaveNone() {
        assertFalse(KubernetesProtobuf.knows(new GroupVersionKind("example.com", "v1", "Foo")));
        assertFalse(KubernetesProtobuf.knows(new GroupVersionKind("meta.k8s.io", "v1", "Table")));
        assertTrue(KubernetesProtobuf.knows(new GroupVersionKind("meta.k8s.io", "v1", "PartialObjectMetadataList")));
        assertTrue(KubernetesProtobuf.knows(new GroupVersionKind("", "v1", "Status")));
        assertFalse(KubernetesProtobuf.knows(new GroupVersionKind("apps", "v1", "Status")));
        assertTrue(KubernetesProtobuf.knows(new GroupVersionKind("apps", "v1", "DeleteOptions")));
        assertTrue(KubernetesProtobuf.knows(new GroupVersionKind("apiregistration.k8s.io", "v1", "APIService")));
        ObjectNode custom = object("{'apiVersion':'example.com/v1','kind':'Foo'}");
        assertThrows(IllegalArgumentException.class, () -> KubernetesProtobuf.encode(custom));
    }

    @Test
    void whatAnObjectDoesNotSayOfItselfIsGivenFromOutside() {
        byte[] options = hex("6b387300", "1202 0805");
        GroupVersionKind otherwise = new GroupVersionKind("", "v1", "DeleteOptions");
        assertEquals(
                "{'kind':'DeleteOptions','apiVersion':'v1'}",
                json(KubernetesProtobuf.decode(hex("6b387300", "1200"), otherwise)));
        assertEquals(
                "DeleteOptions",
                KubernetesProtobuf.decode(options, otherwise).path("kind").textValue());
    }

    @Test
    void itMayHoldJson() {
        byte[] json = "{\"data\":{\"a\":\"1\"}}".getBytes(StandardCharsets.US_ASCII);
        WireWriter out = new WireWriter(16);
        out.text(4, "application/json");
        out.bytes(2, json);
        out.raw(hex("6b387300", "0a0f 0a027631 1209436f6e6669674d6170"));
        assertEquals(
                "{'data':{'a':'1'},'apiVersion':'v1','kind':'ConfigMap'}",
                json(KubernetesProtobuf.decode(out.toBytes())));
    }

    @Test
    void bytesNumbersAndTextsKeepTheirKind() {
        assertEquals(
                "{'kind':'Secret','apiVersion':'v1','metadata':{},'data':{'a':'AAEC','b':''},'type':'Opaque'}",
                roundTrip(
                        "{'kind':'Secret','apiVersion':'v1','metadata':{},'type':'Opaque','data':{'b':'','a':'AA\\nEC'}}"));
        String service =
                "{'kind':'Service','apiVersion':'v1','metadata':{},'spec':{'ports':[{'port':80,'targetPort':%s}]},"
                        + "'status':{'loadBalancer':{}}}";
        assertEquals(service.formatted("'http'"), roundTrip(service.formatted("'http'")));
        assertEquals(service.formatted("8080"), roundTrip(service.formatted("8080")));
        assertEquals(service.formatted("-1"), roundTrip(service.formatted("-1")));
    }

    @Test
    void timesAreToTheSecondOrToTheMicrosecond() {
        String lease = "{'kind':'Lease','apiVersion':'coordination.k8s.io/v1','metadata':{'creationTimestamp':'%s'},"
                + "'spec':{'renewTime':'%s'}}";
        assertEquals(
                lease.formatted("2026-01-31T10:00:00Z", "2026-01-31T10:00:00.123456Z"),
                roundTrip(lease.formatted("2026-01-31T12:00:00.9+02:00", "2026-01-31T10:00:00.123456789Z")));
    }

    @Test
    void aSchemaMayStandWhereABooleanOrAListMay() {
        String schema =
                "{'kind':'CustomResourceDefinition','apiVersion':'apiextensions.k8s.io/v1','metadata':{},'spec':"
                        + "{'group':'g','names':{'plural':'p','kind':'K'},'scope':'Namespaced','versions':[{'name':'v1','served':"
                        + "true,'storage':true,'schema':{'openAPIV3Schema':%s}}]},"
                        + "'status':{'conditions':null,'acceptedNames':{'plural':'','kind':''},'storedVersions':null}}";
        for (String inner : new String[] {
            "{'additionalProperties':true}",
            "{'additionalProperties':false}",
            "{'additionalProperties':{'type':'string'}}",
            "{'items':{'type':'string'}}",
            "{'items':[{'type':'string'},{'type':'integer'}]}",
            "{'dependencies':{'a':['b','c'],'d':{'type':'string'}}}",
            "{'default':{'a':[1,null,'x']}}",
            "{'maximum':5,'minimum':0.5}",
            "{'enum':[null,1,'x']}",
            "{'x-kubernetes-int-or-string':true}"
        }) {
            assertEquals(
                    Json.parse(Json.encode(object(schema.formatted(inner)))),
                    Json.parse(Json.encode(object(roundTrip(schema.formatted(inner))))),
                    inner);
        }
    }

    @Test
    void listsDoNotSayWhatTheirItemsAre() {
        assertEquals(
                "{'kind':'ConfigMapList','apiVersion':'v1','metadata':{'resourceVersion':'7'},'items':[{'metadata':"
                        + "{'name':'a'}}]}",
                roundTrip(
                        "{'kind':'ConfigMapList','apiVersion':'v1','metadata':{'resourceVersion':'7'},'items':[{'kind':"
                                + "'ConfigMap','apiVersion':'v1','metadata':{'name':'a'}}]}"));
    }

    /** As every reader of protobuf has to. */
    @Test
    void packedNumbersMergedMessagesAndUnknownFieldsAreUnderstood() {
        byte[] pod = hex(
                "6b387300 0a09 0a027631 1203506f64 1224",
                "0a05 0a03616263", // metadata.name: abc
                "0a05 1a03646566", // metadata.namespace: def, merged
                "f83f01", // field 1023, which nobody knows
                "1211 7203 2201 05", // spec.securityContext.supplementalGroups, packed: 5
                "7204 2202 0607", // and 6 and 7
                "7204 2009 2001"); // and one by one 9 and 1
        ObjectNode read = KubernetesProtobuf.decode(pod);
        assertEquals("abc", read.at("/metadata/name").textValue());
        assertEquals("def", read.at("/metadata/namespace").textValue());
        assertEquals("[5,6,7,9,1]", Json.text(read.at("/spec/securityContext/supplementalGroups")));
    }

    @Test
    void whatIsNotOfItsTypeIsNotWritten() {
        for (String spec : new String[] {
            "{'containers':'x'}",
            "{'hostNetwork':'true'}",
            "{'terminationGracePeriodSeconds':1.5}",
            "{'priority':3000000000}",
            "{'nodeName':1}",
            "{'nodeSelector':[]}",
            "{'overhead':{'cpu':'x'}}"
        }) {
            ObjectNode pod = object("{'kind':'Pod','apiVersion':'v1','spec':" + spec + "}");
            assertThrows(MalformedException.class, () -> KubernetesProtobuf.encode(pod), spec);
        }
    }
}
