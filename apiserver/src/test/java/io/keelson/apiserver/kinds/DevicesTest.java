package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.validation.FieldErrors;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevicesTest {
    private static final Kind CLAIMS = Kind.of("resourceclaims.resource.k8s.io");
    private static final Kind TEMPLATES = Kind.of("resourceclaimtemplates.resource.k8s.io");
    private static final Kind CLASSES = Kind.of("deviceclasses.resource.k8s.io");
    private static final Kind SLICES = Kind.of("resourceslices.resource.k8s.io");

    private static final String REFERENCE = "must be the name of a request in the claim or the name of a request and a"
            + " subrequest separated by '/'";
    private static final String TWO_REQUESTS = "requests: [{name: a, exactly: {deviceClassName: gpu}}, "
            + "{name: b, firstAvailable: [{name: c, deviceClassName: gpu}, {name: d, deviceClassName: gpu}]}]";

    private static String claim(String devices) {
        return "{metadata: {name: mine}, spec: {devices: {" + devices + "}}}";
    }

    private static String exactly(String more) {
        return claim("requests: [{name: a, exactly: {deviceClassName: gpu, " + more + "}}]");
    }

    private static String many(int count, String element) {
        return IntStream.range(0, count)
                .mapToObj(i -> element.replace("%", String.valueOf(i)))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static void only(String error, List<String> errors) {
        assertEquals(List.of(error), errors);
    }

    private static void contains(String error, List<String> errors) {
        assertTrue(errors.contains(error), () -> String.join("\n", errors));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "requests: [{name: a, exactly: {deviceClassName: gpu}}]",
                "requests: [{name: a, exactly: {deviceClassName: gpu, allocationMode: All, adminAccess: true}}]",
                "requests: [{name: a, firstAvailable: [{name: b, deviceClassName: gpu}]}], constraints: [{requests: [a/b], matchAttribute: gpu.example.com/numa}]",
                "requests: [{name: a, exactly: {deviceClassName: gpu}}], constraints: [{distinctAttribute: gpu.example.com/numa}]",
                "requests: [{name: a, exactly: {deviceClassName: gpu, tolerations: [{operator: Exists}, {key: k, operator: Equal, value: v, effect: None}]}}]",
                "requests: [{name: a, exactly: {deviceClassName: gpu}}], config: [{requests: [a], opaque: {driver: GPU.example.com, parameters: {kind: Sharing}}}]",
            })
    void areAskedFor(String devices) {
        assertEquals(List.of(), CLAIMS.errorsOf(claim(devices)));
        String template = "{metadata: {name: mine}, spec: {spec: {devices: {" + devices + "}}}}";
        assertEquals(List.of(), TEMPLATES.errorsOf(template));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "requests: [{name: a}] | requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required",
                "requests: [{name: a, exactly: {deviceClassName: gpu}, firstAvailable: [{name: b, deviceClassName: gpu}]}] | requests[0]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set",
                "requests: [{name: a, exactly: {deviceClassName: gpu}}, {name: a, exactly: {deviceClassName: gpu}}] | requests[1]: Duplicate value: \"a\"",
                "requests: [{name: a, exactly: {deviceClassName: ''}}] | requests[0].exactly.deviceClassName: Required value",
                "requests: [{name: a, exactly: {deviceClassName: gpu, allocationMode: Some}}] | requests[0].exactly.allocationMode: Unsupported value: \"Some\": supported values: \"All\", \"ExactCount\"",
                "requests: [{name: a, exactly: {deviceClassName: gpu, allocationMode: All, count: 2}}] | requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'",
                "requests: [{name: a, exactly: {deviceClassName: gpu, count: -1}}] | requests[0].exactly.count: Invalid value: -1: must be greater than zero",
                "requests: [{name: a, firstAvailable: [{name: b, deviceClassName: gpu}, {name: b, deviceClassName: gpu}]}] | requests[0].firstAvailable[1]: Duplicate value: \"b\"",
                "requests: [{name: a, exactly: {deviceClassName: gpu, tolerations: [{key: k, operator: Exists, value: v}]}}] | requests[0].exactly.tolerations[0].value: Invalid value: \"v\": must be empty for operator `Exists`",
                "requests: [{name: a, exactly: {deviceClassName: gpu, tolerations: [{key: k, operator: Like}]}}] | requests[0].exactly.tolerations[0].operator: Unsupported value: \"Like\": supported values: \"Equal\", \"Exists\"",
                "requests: [{name: a, exactly: {deviceClassName: gpu, tolerations: [{key: k, operator: Exists, effect: Some}]}}] | requests[0].exactly.tolerations[0].effect: Unsupported value: \"Some\": supported values: \"NoExecute\", \"NoSchedule\", \"None\"",
                "constraints: [{}] | constraints[0]: Required value: exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set",
                "constraints: [{matchAttribute: numa}] | constraints[0].matchAttribute: Invalid value: \"numa\": a fully qualified name must be a domain and a name separated by a slash",
                "constraints: [{distinctAttribute: /numa}] | constraints[0].distinctAttribute: Invalid value: \"\": the domain must not be empty",
                "config: [{}] | config[0].opaque: Required value",
                "config: [{opaque: {driver: a, parameters: [1]}}] | config[0].opaque.parameters: Invalid value: \"<value omitted>\": must be a valid JSON object",
                "config: [{opaque: {driver: a}}] | config[0].opaque.parameters: Required value",
            })
    void saysWhatIsWrongWithAClaim(String devices, String error) {
        only("spec.devices." + error, CLAIMS.errorsOf(claim(devices)));
    }

    @ParameterizedTest
    @CsvSource({"e", "a/c", "b/e", "b/c/d"})
    void namesOnlyWhatItAsksFor(String reference) {
        String rules = ", constraints: [{requests: [%s], matchAttribute: a/b}]".formatted(reference);
        only(
                "spec.devices.constraints[0].requests[0]: Invalid value: \"" + reference + "\": " + REFERENCE,
                CLAIMS.errorsOf(claim(TWO_REQUESTS + rules)));
    }

    @Test
    void asksForOnlySoMuch() {
        String request = "{name: r%, exactly: {deviceClassName: gpu}}";
        assertEquals(List.of(), CLAIMS.errorsOf(claim("requests: " + many(32, request))));
        only(
                "spec.devices.requests: Too many: 33: must have at most 32 items",
                CLAIMS.errorsOf(claim("requests: " + many(33, request))));
        only(
                "spec.devices.requests[0].firstAvailable: Too many: 9: must have at most 8 items",
                CLAIMS.errorsOf(claim(
                        "requests: [{name: a, firstAvailable: " + many(9, "{name: r%, deviceClassName: gpu}") + "}]")));
        only(
                "spec.devices.requests[0].exactly.selectors: Too many: 33: must have at most 32 items",
                CLAIMS.errorsOf(exactly("selectors: " + many(33, "{cel: {expression: 'true'}}"))));
        only(
                "spec.devices.constraints: Too many: 33: must have at most 32 items",
                CLAIMS.errorsOf(claim("constraints: " + many(33, "{matchAttribute: a/b}"))));
        only(
                "spec.devices.config: Too many: 33: must have at most 32 items",
                CLAIMS.errorsOf(claim("config: " + many(33, "{opaque: {driver: a, parameters: {}}}"))));
        only(
                "spec.devices.config[0].opaque.parameters: Too long: may not be more than 10240 bytes",
                CLAIMS.errorsOf(claim("config: [{opaque: {driver: a, parameters: {a: " + "x".repeat(10_240) + "}}}]")));
    }

    @Test
    void selectorsAreCompiled() {
        String field = "spec.devices.requests[0].exactly.selectors[0].cel";
        assertEquals(List.of(), CLAIMS.errorsOf(exactly("selectors: [{cel: {expression: \"device.driver == 'a'\"}}]")));
        List<String> errors = CLAIMS.errorsOf(exactly("selectors: [{cel: {expression: 'device.name'}}]"));
        assertEquals(1, errors.size());
        assertTrue(
                errors.getFirst()
                        .startsWith(field + ".expression: Invalid value: \"device.name\": compilation failed: ERROR:"),
                errors::toString);
        only(
                field
                        + ".expression: Invalid value: \"device.driver\": must evaluate to bool or the unknown type, not string",
                CLAIMS.errorsOf(exactly("selectors: [{cel: {expression: device.driver}}]")));
        only(field + ": Required value", CLAIMS.errorsOf(exactly("selectors: [{}]")));
        only(
                field + ".expression: Too long: may not be more than 10240 bytes",
                CLAIMS.errorsOf(exactly("selectors: [{cel: {expression: \"" + " ".repeat(10_240) + "true\"}}]")));
        String dear = "device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, "
                + "device.attributes.all(d, a + b + c + d != ''))))";
        only(
                field + ".expression: Forbidden: too complex, exceeds cost limit",
                CLAIMS.errorsOf(exactly("selectors: [{cel: {expression: \"" + dear + "\"}}]")));
    }

    @Test
    void whatIsAskedForStays() {
        List<String> errors = CLAIMS.errorsOfChange(exactly("count: 1"), exactly("count: 2"));
        assertEquals(1, errors.size());
        assertTrue(errors.getFirst().startsWith("spec: Invalid value: "), errors::toString);
        assertTrue(errors.getFirst().endsWith(": field is immutable"), errors::toString);
    }

    private static final String RESULT = "{request: a, driver: gpu.example.com, pool: node-1, device: gpu-0}";

    private static List<String> statusErrors(String before, String after) {
        return CLAIMS.errorsOfStatusChange(
                claim(TWO_REQUESTS),
                claim -> claim.set("status", Kind.read(before)),
                claim -> claim.set("status", Kind.read(after)));
    }

    private static String allocated(String devices) {
        return "{allocation: {devices: {" + devices + "}}}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "request: a | request: e | request: Invalid value: \"e\": " + REFERENCE,
                "driver: gpu.example.com | driver: ''  | driver: Required value",
                "pool: node-1 | pool: node_1 | pool: Invalid value: \"node_1\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                "device: gpu-0 | device: gpu-0, shareID: 1 | shareID: Invalid value: 1: must be a lowercase UUID in 8-4-4-4-12 format",
                "device: gpu-0 | device: gpu-0, bindingConditions: [ready] | bindingFailureConditions: Invalid value: []: bindingFailureConditions are required to use bindingConditions",
            })
    void saysWhatIsWrongWithAnAllocation(String from, String to, String error) {
        contains(
                "status.allocation.devices.results[0]." + error,
                statusErrors("{}", allocated("results: [" + RESULT.replace(from, to) + "]")));
    }

    @Test
    void whatWasGivenStays() {
        String one = allocated("results: [" + RESULT + "]");
        assertEquals(List.of(), statusErrors("{}", one));
        assertEquals(List.of(), statusErrors(one, "{}"), "and can be taken back");
        List<String> errors = statusErrors(one, one.replace("gpu-0", "gpu-1"));
        assertEquals(1, errors.size());
        assertTrue(errors.getFirst().startsWith("status.allocation: Invalid value: "), errors::toString);
        assertTrue(errors.getFirst().endsWith(": field is immutable"), errors::toString);
        only(
                "status.allocation.devices.results: Too many: 33: must have at most 32 items",
                statusErrors("{}", allocated("results: " + many(33, RESULT))));
        only(
                "status.allocation.devices.config[0].source: Unsupported value: \"Elsewhere\": supported values: \"FromClaim\", \"FromClass\"",
                statusErrors("{}", allocated("config: [{source: Elsewhere, opaque: {driver: a, parameters: {}}}]")));
        only(
                "status.allocation.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term",
                statusErrors("{}", "{allocation: {devices: {}, nodeSelector: {nodeSelectorTerms: []}}}"));
    }

    @Test
    void isReservedForThoseWhoUseIt() {
        String pod = "{resource: pods, name: p%, uid: u%}";
        only(
                "status.reservedFor: Forbidden: may not be specified when `allocated` is not set",
                statusErrors("{}", "{reservedFor: " + many(1, pod) + "}"));
        String given = "{allocation: {devices: {results: [" + RESULT + "]}}, reservedFor: ";
        assertEquals(List.of(), statusErrors("{}", given + many(256, pod) + "}"));
        only(
                "status.reservedFor: Too many: 257: must have at most 256 items",
                statusErrors("{}", given + many(257, pod) + "}"));
        only(
                "status.reservedFor[1]: Duplicate value: \"u\"",
                statusErrors("{}", given + many(2, "{resource: pods, name: p%, uid: u}") + "}"));
        only(
                "status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or"
                        + " `deletionTimestamp` are set",
                CLAIMS.errorsOfStatusChange(
                        claim(TWO_REQUESTS),
                        old -> {
                            old.set("status", Kind.read(given + many(1, pod) + "}"));
                            ((ObjectNode) old.path("metadata")).put("deletionTimestamp", "2026-05-01T12:00:00Z");
                        },
                        claim -> claim.set("status", Kind.read(given + many(2, pod) + "}"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "driver: gpu.example.com, pool: node-1, device: gpu-1 | : Invalid value: gpu.example.com/node-1/gpu-1: must be an allocated device in the claim",
                "driver: gpu.example.com, pool: node-1, device: gpu-0, data: [1] | .data: Invalid value: \"<value omitted>\": must be a valid JSON object",
                "driver: gpu.example.com, pool: node-1, device: gpu-0, networkData: {ips: [10.0.0.1]} | .networkData.ips[0]: Invalid value: \"10.0.0.1\": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)",
                "driver: gpu.example.com, pool: node-1, device: gpu-0, networkData: {ips: ['2001:DB8::1/64']} | .networkData.ips[0]: Invalid value: \"2001:DB8::1/64\": must be in canonical form (\"2001:db8::1/64\")",
                "driver: gpu.example.com, pool: node-1, device: gpu-0, networkData: {ips: [10.0.0.1/8, 10.0.0.1/8]} | .networkData.ips[1]: Duplicate value: \"10.0.0.1/8\"",
                "driver: gpu.example.com, pool: node-1, device: gpu-0, conditions: [{type: Ready, status: Maybe, reason: R, lastTransitionTime: '2026-05-01T12:00:00Z'}] | .conditions[0].status: Unsupported value: \"Maybe\": supported values: \"False\", \"True\", \"Unknown\"",
            })
    void driversSayOnlyWhatMakesSense(String device, String error) {
        String one = allocated("results: [" + RESULT + "]");
        only(
                "status.devices[0]" + error,
                statusErrors(one, one.substring(0, one.length() - 1) + ", devices: [{" + device + "}]}"));
    }

    @Test
    void whatDriversSayGoesWithTheDevices() {
        String said = "devices: [{driver: gpu.example.com, pool: node-1, device: gpu-0}]";
        String given = "{allocation: {devices: {results: [" + RESULT + "]}}, " + said + "}";
        assertEquals(List.of(), statusErrors("{}", given));
        assertEquals(List.of(), statusErrors(given, "{" + said + "}"), "who takes a device back need not know of it");
    }

    @Test
    void classesAreForDevicesOfAName() {
        assertEquals(
                List.of(), CLASSES.errorsOf("{metadata: {name: gpu}, spec: {extendedResourceName: example.com/gpu}}"));
        only(
                "spec.extendedResourceName: Invalid value: \"cpu\": must be a valid extended resource name",
                CLASSES.errorsOf("{metadata: {name: gpu}, spec: {extendedResourceName: cpu}}"));
        List<String> errors =
                CLASSES.errorsOf("{metadata: {name: gpu}, spec: {selectors: [{cel: {expression: '1'}}]}}");
        only(
                "spec.selectors[0].cel.expression: Invalid value: \"1\": must evaluate to bool or the unknown type, not int",
                errors);
    }

    @Test
    void aClassKeepsWhatWasOnceLarger() {
        String large = "{metadata: {name: gpu}, spec: {config: [{opaque: {driver: a, parameters: {a: "
                + "x".repeat(10_240) + "}}}], selectors: []}}";
        assertEquals(1, CLASSES.errorsOf(large).size());
        assertEquals(
                List.of(),
                CLASSES.errorsOfChange(large, large.replace("selectors: []", "extendedResourceName: a.b/c")));
        assertEquals(
                1,
                CLASSES.errorsOfChange(large, large.replace("driver: a", "driver: b"))
                        .size());
    }

    private static String slice(String more) {
        return "{metadata: {name: s}, spec: {driver: gpu.example.com, pool: {name: node-1, generation: 1, "
                + "resourceSliceCount: 1}, " + more + "}}";
    }

    private static String device(String more) {
        return slice("nodeName: node-1, devices: [{name: gpu-0, " + more + "}]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nodeName: node-1, devices: [{name: gpu-0, attributes: {model: {string: a}, gpu.example.com/numa: {int: 1}}, capacity: {memory: {value: 1Gi}}}]",
                "allNodes: true, sharedCounters: [{name: memory, counters: {bytes: {value: 1Gi}}}]",
                "perDeviceNodeSelection: true, devices: [{name: a, allNodes: true}, {name: b, nodeName: node-1}]",
                "nodeSelector: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}",
                "nodeName: a, devices: [{name: a, consumesCounters: [{counterSet: memory, counters: {bytes: {value: 1}}}], taints: [{key: a.b/c, effect: NoSchedule}]}]",
                "nodeName: a, devices: [{name: a, attributes: {v: {version: 1.2.3-rc.1+5}}}]",
                "nodeName: a, devices: [{name: a, capacity: {cores: {value: 8}}, nodeAllocatableResourceMappings: {cpu: {capacityKey: cores, allocationMultiplier: 2}, hugepages-2Mi: {}}}]",
                "nodeName: a, devices: [{name: a, allowMultipleAllocations: true, capacity: {memory: {value: 8Gi, requestPolicy: {default: 1Gi, validRange: {min: 1Gi, max: 4Gi, step: 1Gi}}}}}]",
            })
    void slicesListDevices(String more) {
        assertEquals(List.of(), SLICES.errorsOf(slice(more)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "devices: [] | spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required",
                "nodeName: a, allNodes: true | spec: Invalid value: \"{`nodeName`, `allNodes`}\": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set",
                "allNodes: true, perDeviceNodeSelection: false | spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true",
                "nodeSelector: {nodeSelectorTerms: [{}, {}]} | spec.nodeSelector.nodeSelectorTerms: Invalid value: [{},{}]: must have exactly one node selector term",
                "allNodes: true, sharedCounters: [{name: m, counters: {b: {value: 1}}}], devices: [{name: a}] | spec: Invalid value: \"\": only one of `sharedCounters` or `devices` is allowed",
                "allNodes: true, sharedCounters: [{name: m}] | spec.sharedCounters[0].counters: Required value",
                "allNodes: true, sharedCounters: [{name: m, counters: {b: {value: 1}}}, {name: m, counters: {b: {value: 1}}}] | spec.sharedCounters[1]: Duplicate value: \"m\"",
                "allNodes: true, devices: [{name: a}, {name: a}] | spec.devices[1]: Duplicate value: \"a\"",
                "allNodes: true, devices: [{name: a, nodeName: b}] | spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec",
                "perDeviceNodeSelection: true, devices: [{name: a}] | spec.devices[0]: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec",
            })
    void saysWhatIsWrongWithASlice(String more, String error) {
        only(error, SLICES.errorsOf(slice(more)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "attributes: {a: {}} | attributes[a]: Invalid value: \"\": exactly one value must be specified",
                "attributes: {a: {bool: true, int: 1}} | attributes[a]: Invalid value: {\"bool\":true,\"int\":1}: exactly one value must be specified",
                "attributes: {a: {version: 1.2}} | attributes[a].version: Invalid value: \"1.2\": must be a string compatible with semver.org spec 2.0.0",
                "attributes: {a/: {bool: true}} | attributes[a/]: Invalid value: \"\": the name must not be empty",
                "capacity: {/a: {value: 1}} | capacity[/a]: Invalid value: \"\": the domain must not be empty",
                "capacity: {a: {value: 1, requestPolicy: {default: 1}}} | capacity[a].requestPolicy: Forbidden: allowMultipleAllocations must be true",
                "taints: [{key: a, effect: Some}] | taints[0].effect: Unsupported value: \"Some\": supported values: \"NoExecute\", \"NoSchedule\", \"None\"",
                "consumesCounters: [{counterSet: m}] | consumesCounters[0].counters: Required value",
                "nodeAllocatableResourceMappings: {example.com/gpu: {}} | nodeAllocatableResourceMappings[example.com/gpu]: Invalid value: \"example.com/gpu\": must be a resource of nodes that is not an extended one",
                "nodeAllocatableResourceMappings: {cpu: {capacityKey: /a}} | nodeAllocatableResourceMappings[cpu].capacityKey: Invalid value: \"\": the domain must not be empty",
                "bindingConditions: [a], bindingFailureConditions: [a] | bindingFailureConditions[0]: Invalid value: \"a\": bindingFailureConditions must not overlap with bindingConditions",
            })
    void saysWhatIsWrongWithADevice(String more, String error) {
        String quoted = more.replace("version: 1.2}", "version: '1.2'}");
        only("spec.devices[0]." + error, SLICES.errorsOf(device(quoted)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{validValues: [1Gi]} | default: Required value: required when validValues is defined",
                "{default: 1Gi, validValues: [2Gi]} | validValues: Invalid value: \"1Gi\": default value is not valid according to the requestPolicy",
                "{default: 1Gi, validValues: [2Gi, 1Gi]} | validValues[1]: Invalid value: \"1Gi\": values must be sorted in ascending order",
                "{default: 1Gi, validValues: [1Gi, 9Gi]} | validValues[1]: Invalid value: \"9Gi\": option is larger than capacity value: 8Gi",
                "{default: 1Gi, validRange: {}} | validRange.min: Required value: required when validRange is defined",
                "{default: 1Gi, validRange: {min: 2Gi}} | validRange.min: Invalid value: \"1Gi\": default is less than min: 2Gi",
                "{default: 1Gi, validRange: {min: 1Gi, max: 9Gi}} | validRange.max: Invalid value: \"9Gi\": max is larger than capacity value: 8Gi",
                "{default: 3Gi, validRange: {min: 1Gi, max: 2Gi}} | validRange.max: Invalid value: \"3Gi\": default is more than max: 2Gi",
                "{default: 2Gi, validRange: {min: 1Gi, step: 2Gi}} | validRange.step: Invalid value: \"2Gi\": value is not a multiple of a given step (2Gi) from (1Gi)",
            })
    void isSharedInSensiblePieces(String policy, String error) {
        only(
                "spec.devices[0].capacity[memory].requestPolicy." + error,
                SLICES.errorsOf(device("allowMultipleAllocations: true, capacity: {memory: {value: 8Gi, requestPolicy: "
                        + policy + "}}")));
    }

    @Test
    void aSliceListsOnlySoMuch() {
        assertEquals(List.of(), SLICES.errorsOf(slice("allNodes: true, devices: " + many(128, "{name: d%}"))));
        only(
                "spec.devices: Too many: 129: must have at most 128 items",
                SLICES.errorsOf(slice("allNodes: true, devices: " + many(129, "{name: d%}"))));
        only(
                "spec.devices: Too many: 65: must have at most 64 items",
                SLICES.errorsOf(slice(
                        "allNodes: true, devices: " + many(65, "{name: d%, taints: [{key: a, effect: NoExecute}]}"))));
        String attributes = IntStream.range(0, 33)
                .mapToObj(i -> "a" + i + ": {int: 1}")
                .collect(Collectors.joining(", ", "attributes: {", "}"));
        only(
                "spec.devices[0]: Invalid value: 33: the total number of attributes and capacities must not exceed 32",
                SLICES.errorsOf(device(attributes)));
        only(
                "spec.devices[0].attributes[a].string: Too long: may not be more than 64 bytes",
                SLICES.errorsOf(device("attributes: {a: {string: " + "x".repeat(65) + "}}")));
        only(
                "spec.devices[0].taints: Too many: 17: must have at most 16 items",
                SLICES.errorsOf(device("taints: " + many(17, "{key: a, effect: NoExecute}"))));
        only(
                "spec.devices[0].consumesCounters: Too many: 3: must have at most 2 items",
                SLICES.errorsOf(device("consumesCounters: " + many(3, "{counterSet: c%, counters: {a: {value: 1}}}"))));
        only(
                "spec.sharedCounters: Too many: 9: must have at most 8 items",
                SLICES.errorsOf(
                        slice("allNodes: true, sharedCounters: " + many(9, "{name: c%, counters: {a: {value: 1}}}"))));
        String name = String.join("/", Collections.nCopies(64, "abc"));
        only(
                "spec.pool.name: Too long: may not be more than 253 bytes",
                SLICES.errorsOf(slice("allNodes: true").replace("node-1", name)));
    }

    @Test
    void taintsSayWhenTheyWereAdded() {
        ObjectNode created = SLICES.created(device("taints: [{key: a, effect: NoExecute}]"));
        assertEquals(
                "2026-05-01T12:00:00Z",
                created.at("/spec/devices/0/taints/0/timeAdded").asText());
    }

    @Test
    void aSliceStaysWithItsNodeAndPool() {
        String before = slice("nodeName: node-1");
        only(
                "spec.nodeName: Invalid value: \"node-2\": field is immutable",
                SLICES.errorsOfChange(before, slice("nodeName: node-2")));
        only(
                "spec.pool.name: Invalid value: \"pool\": field is immutable",
                SLICES.errorsOfChange(before, before.replace("name: node-1, generation", "name: pool, generation")));
    }

    /** What is read from the store of a server in which lists are on. */
    private static ObjectNode stored(String attributes) {
        return SLICES.defaulted(device("attributes: {" + attributes + "}"));
    }

    @Test
    void listsOfAttributesAreNotBroughtIn() {
        String lists = "a: {int: 1, ints: [1]}, b: {string: a, strings: [a]}, c: {bool: true, bools: [true]},"
                + " d: {version: 1.0.0, versions: [1.0.0]}";
        ObjectNode without = stored("a: {int: 1}, b: {string: a}, c: {bool: true}, d: {version: 1.0.0}");

        ObjectNode created = stored(lists);
        SLICES.resource().strategy().dropDisabled(created, null);
        assertEquals(without, created);

        ObjectNode changed = stored(lists);
        SLICES.resource().strategy().dropDisabled(changed, without);
        assertEquals(without, changed);
    }

    @Test
    void listsOfAttributesStayWhereTheyAreStored() {
        ObjectNode old = stored("a: {ints: [1, 2]}, b: {strings: [a]}, c: {bools: [true]}, d: {versions: [1.0.0]}");
        ObjectNode more = stored(
                "a: {ints: [1, 2]}, b: {strings: [a]}, c: {bools: [true]}, d: {versions: [1.0.0]}, e: {ints: [3]}");
        ObjectNode changed = more.deepCopy();
        SLICES.resource().strategy().dropDisabled(changed, old);
        assertEquals(more, changed);
        FieldErrors errors = new FieldErrors();
        SLICES.resource().strategy().validateChanged(changed, old, errors);
        assertEquals(List.of(), errors.list());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ints: [1], int: 1}   | spec.devices[0].attributes[a]: Invalid value:",
                "{ints: [1], bools: [true]} | spec.devices[0].attributes[a]: Invalid value:",
                "{ints: []}            | spec.devices[0].attributes[a]: Invalid value: \"\": exactly one value must be specified",
                "{versions: [1.0.0, a]} | spec.devices[0].attributes[a].versions[1]: Invalid value: \"a\": must be a string compatible with semver.org spec 2.0.0",
            })
    void listsThatStayAreJudged(String attribute, String error) {
        FieldErrors errors = new FieldErrors();
        SLICES.resource().strategy().validate(stored("a: " + attribute), errors);
        assertEquals(1, errors.list().size(), errors.list()::toString);
        assertTrue(errors.list().getFirst().toString().startsWith(error), errors.list()::toString);
    }
}
