package io.keelson.benchmarks.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Yaml;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads files of cases, in the shape of scheduler_perf's {@code performance-config.yaml}: a list of cases, each with a
 * name, its operations and its workloads.
 *
 * <pre>{@code
 * - name: SchedulingBasic
 *   defaultPodTemplatePath: ../templates/pod-default.yaml
 *   workloadTemplate:
 *   - opcode: createNodes
 *     countParam: $initNodes
 *   - opcode: createPods
 *     countParam: $measurePods
 *     collectMetrics: true
 *   workloads:
 *   - name: 500Nodes
 *     params: {initNodes: 500, measurePods: 1000}
 * }</pre>
 */
final class PerfConfig {
    private static final int CASES_MAX = 1_000;

    private final PerfFiles files;
    private final String path;
    private final Map<String, Template> templates = new HashMap<>();

    private PerfConfig(PerfFiles files, String path) {
        this.files = files;
        this.path = path;
    }

    /**
     * Reads all files of cases.
     *
     * @throws IOException if one cannot be read
     * @throws IllegalArgumentException if something in one is wrong; the message says where, what, and what could be
     */
    static List<PerfCase> all(PerfFiles files) throws IOException {
        List<PerfCase> cases = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String config : files.configs()) {
            for (PerfCase each : new PerfConfig(files, config).read()) {
                if (!names.add(each.name())) {
                    throw new IllegalArgumentException(config + ": there is another case " + each.name());
                }
                cases.add(each);
            }
        }
        return cases;
    }

    private List<PerfCase> read() throws IOException {
        List<String> repeated = new ArrayList<>();
        JsonNode document;
        try {
            document = Yaml.parse(files.read(path), repeated);
        } catch (MalformedException e) {
            throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
        }
        if (!repeated.isEmpty()) {
            throw new IllegalArgumentException(path + ": " + String.join("; ", repeated));
        }
        if (!document.isArray() || document.isEmpty() || document.size() > CASES_MAX) {
            throw new IllegalArgumentException(path + " is to be a list of one to " + CASES_MAX + " cases");
        }
        List<PerfCase> cases = new ArrayList<>();
        for (JsonNode each : document) {
            cases.add(read(new Mapping(path + ": case " + each.path("name").asText("without a name"), each)));
        }
        return cases;
    }

    private PerfCase read(Mapping from) throws IOException {
        String name = from.text("name");
        Template defaultPod = template(from, "defaultPodTemplatePath");
        List<Operation> operations = new ArrayList<>();
        for (Mapping operation : from.mappings("workloadTemplate")) {
            operations.add(operation(operation));
        }
        List<PerfCase.Workload> workloads = new ArrayList<>();
        for (Mapping workload : from.mappings("workloads")) {
            workloads.add(workload(workload));
        }
        // Whom a case is for; sizes say it as well, and there it counts.
        var _ = from.texts("labels");
        Map<String, Boolean> gates = from.flags("featureGates");
        from.end();
        if (operations.isEmpty() || workloads.isEmpty()) {
            throw from.wrong("needs a workloadTemplate of operations, and workloads");
        }
        PerfCase read = new PerfCase(name, defaultPod, gates, List.copyOf(operations), List.copyOf(workloads));
        workloads.forEach(workload -> checkAmounts(from, read, workload));
        return read;
    }

    private static PerfCase.Workload workload(Mapping from) {
        PerfCase.Workload workload = new PerfCase.Workload(
                from.text("name"),
                from.texts("labels"),
                from.numbers("params"),
                from.flags("featureGates"),
                from.decimal("threshold"));
        from.end();
        return workload;
    }

    /** Better now than when half of a workload is done. */
    private static void checkAmounts(Mapping from, PerfCase read, PerfCase.Workload workload) {
        for (Operation operation : read.operations()) {
            List<Amount> amounts = switch (operation) {
                case Operation.CreateNodes each -> List.of(each.count());
                case Operation.CreateNamespaces each -> List.of(each.count());
                case Operation.CreatePods each -> List.of(each.count());
                case Operation.CreatePodSets each ->
                    List.of(each.count(), each.pods().count());
                case Operation.CreateAny each -> List.of(each.count());
                case Operation.UpdateAny each -> List.of(each.count());
                default -> List.of();
            };
            for (Amount amount : amounts) {
                try {
                    int _ = amount.in(workload.params());
                } catch (IllegalArgumentException e) {
                    throw from.wrong("cannot be run as " + workload.name() + ": " + e.getMessage());
                }
            }
        }
    }

    private Operation operation(Mapping from) throws IOException {
        String opcode = from.text("opcode");
        Operation operation = switch (opcode) {
            case "createNodes" -> OperationReader.createNodes(from, template(from, "nodeTemplatePath"));
            case "createNamespaces" ->
                new Operation.CreateNamespaces(
                        OperationReader.required(from, "prefix"),
                        from.amount(),
                        template(from, "namespaceTemplatePath"));
            case "createPods" -> createPods(from);
            case "createPodSets" -> createPodSets(from);
            case "churn" -> OperationReader.churn(from, templates(from));
            case "barrier" -> OperationReader.barrier(from);
            case "sleep" -> OperationReader.sleep(from);
            case "createAny" ->
                new Operation.CreateAny(
                        from.amount(Amount.of(1)),
                        from.name("namespace"),
                        required(from, "templatePath"),
                        from.values("templateParams"));
            case "updateAny" ->
                new Operation.UpdateAny(
                        from.amount(Amount.of(1)),
                        from.name("namespace"),
                        required(from, "templatePath"),
                        from.values("templateParams"));
            case "deletePods" -> OperationReader.deletePods(from);
            case "startCollectingMetrics" ->
                new Operation.StartCollecting(from.text("name", "measured"), from.texts("namespaces"));
            case "stopCollectingMetrics" -> new Operation.StopCollecting();
            case "expectUnschedulable" ->
                new Operation.ExpectUnschedulable(
                        required(from, "podTemplatePath"), from.name("namespace"), from.text("lacking"));
            default ->
                throw from.wrong(
                        "has an opcode that is not known here; there are createNodes, createNamespaces, createPods,"
                                + " createPodSets, churn, barrier, sleep, createAny, updateAny, deletePods,"
                                + " startCollectingMetrics, stopCollectingMetrics, expectUnschedulable");
        };
        from.end();
        return operation;
    }

    private Operation.CreatePods createPods(Mapping from) throws IOException {
        Template volume = template(from, "persistentVolumeTemplatePath");
        Template claim = template(from, "persistentVolumeClaimTemplatePath");
        if ((volume == null) != (claim == null)) {
            throw from.wrong(
                    "needs both persistentVolumeTemplatePath and persistentVolumeClaimTemplatePath, or neither");
        }
        boolean measured = from.flag("collectMetrics");
        boolean waits = !from.flag("skipWaitToCompletion");
        if (measured && !waits) {
            throw from.wrong("cannot both collectMetrics and skipWaitToCompletion");
        }
        return new Operation.CreatePods(
                from.amount(),
                from.name("namespace"),
                template(from, "podTemplatePath"),
                from.values("templateParams"),
                volume,
                claim,
                measured,
                waits);
    }

    private Operation createPodSets(Mapping from) throws IOException {
        Mapping pods = from.mapping("createPodsOp");
        if (pods == null) {
            throw from.wrong("needs createPodsOp");
        }
        if (!pods.text("opcode", "createPods").equals("createPods")) {
            throw pods.wrong("is to have the opcode createPods");
        }
        Operation.CreatePods each = createPods(pods);
        pods.end();
        if (each.measured()) {
            throw pods.wrong("cannot collectMetrics: there would be a measurement for each namespace");
        }
        return new Operation.CreatePodSets(from.amount(), OperationReader.required(from, "namespacePrefix"), each);
    }

    private List<Template> templates(Mapping from) throws IOException {
        List<Template> all = new ArrayList<>();
        for (String named : from.texts("templatePaths")) {
            all.add(template(named));
        }
        return all;
    }

    private Template required(Mapping from, String key) throws IOException {
        return template(from.text(key));
    }

    private @Nullable Template template(Mapping from, String key) throws IOException {
        String named = from.text(key, "");
        return named.isEmpty() ? null : template(named);
    }

    private Template template(String named) throws IOException {
        String file = PerfFiles.beside(path, named);
        Template known = templates.get(file);
        if (known == null) {
            known = Template.of(file, files.read(file));
            templates.put(file, known);
        }
        return known;
    }
}
