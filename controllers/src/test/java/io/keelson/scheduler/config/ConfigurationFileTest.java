package io.keelson.scheduler.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationFileTest {
    private static final String HEAD = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";

    @TempDir
    private Path folder;

    @Test
    void whatAFileLeavesOutHasItsDefault() {
        SchedulerConfiguration read = ConfigurationFile.parse(HEAD);
        assertEquals(SchedulerConfiguration.defaults(), read);
        assertEquals("default-scheduler", read.profiles().getFirst().schedulerName());
        assertEquals(10, read.podMaxBackoffSeconds());
        assertTrue(read.leaderElection().leaderElect());
    }

    @Test
    void everythingThatThereIsIsRead() {
        SchedulerConfiguration read = ConfigurationFile.parse(HEAD + """
            parallelism: 4
            percentageOfNodesToScore: 30
            podInitialBackoffSeconds: 2
            podMaxBackoffSeconds: 20
            enableProfiling: false
            delayCacheUntilActive: true
            leaderElection: {leaderElect: false, leaseDuration: 1m, resourceName: mine}
            clientConnection: {kubeconfig: /tmp/k, qps: 50.5, burst: 7, contentType: application/json}
            profiles:
            - schedulerName: packing
              percentageOfNodesToScore: 100
              plugins:
                multiPoint:
                  disabled: [{name: ImageLocality}]
                score:
                  enabled: [{name: NodeResourcesFit, weight: 5}]
                  disabled: [{name: "*"}]
              pluginConfig:
              - name: NodeResourcesFit
                args:
                  apiVersion: kubescheduler.config.k8s.io/v1
                  kind: NodeResourcesFitArgs
                  ignoredResources: [example.com/token]
                  ignoredResourceGroups: [example.org]
                  scoringStrategy:
                    type: RequestedToCapacityRatio
                    resources: [{name: cpu, weight: 3}, {name: memory}]
                    requestedToCapacityRatio:
                      shape: [{utilization: 0, score: 0}, {utilization: 100, score: 10}]
              - name: InterPodAffinity
                args: {hardPodAffinityWeight: 7, ignorePreferredTermsOfExistingPods: true}
              - name: PodTopologySpread
                args:
                  defaultingType: List
                  defaultConstraints:
                  - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule}
              - name: NodeAffinity
                args:
                  addedAffinity:
                    requiredDuringSchedulingIgnoredDuringExecution:
                      nodeSelectorTerms:
                      - matchExpressions: [{key: pool, operator: In, values: [a]}]
              - name: DefaultPreemption
                args: {minCandidateNodesPercentage: 20, minCandidateNodesAbsolute: 5}
              - name: VolumeBinding
                args: {bindTimeoutSeconds: 60}
              - name: DynamicResources
                args: {filterTimeout: 5s, bindingTimeout: 1m}
              - name: NodeResourcesBalancedAllocation
                args: {resources: [{name: cpu, weight: 1}]}
              - name: DataLocality
                args: {volumesWeight: 5, dataSetsWeight: 0}
            - schedulerName: other
            extenders:
            - urlPrefix: http://127.0.0.1:1/x
              filterVerb: filter
              prioritizeVerb: prioritize
              weight: 3
              httpTimeout: 100ms
              nodeCacheCapable: true
              ignorable: true
              managedResources: [{name: example.com/gpu, ignoredByScheduler: true}]
              tlsConfig: {insecure: true}
            """);
        assertEquals(2, read.profiles().size());
        PluginArguments arguments = PluginArguments.of(read.profiles().getFirst(), "profiles[0]");
        FitArguments fit = arguments.get("NodeResourcesFit", FitArguments.DEFAULT);
        assertEquals(
                List.of(3, 1),
                fit.scoringStrategy().resources().stream()
                        .map(FitArguments.Resource::weight)
                        .toList());
        assertTrue(fit.ignores("example.com/token") && fit.ignores("example.org/any") && !fit.ignores("cpu"));
        assertEquals(
                7,
                arguments.get("InterPodAffinity", PodAffinityArguments.DEFAULT).hardPodAffinityWeight());
        assertNotNull(
                arguments.get("NodeAffinity", NodeAffinityArguments.DEFAULT).addedAffinity());
        assertEquals("mine", read.leaderElection().terms().name());
        assertEquals(60, read.leaderElection().terms().leaseDuration().toSeconds());
        assertEquals(100, read.extenders().getFirst().timeout().toMillis());
        assertEquals(read, ConfigurationFile.parse(ConfigurationFile.write(read)));
    }

    /** What is wrong, and what the error has to say of where. */
    @Test
    void whatIsWrongIsRefusedAndSaysWhere() {
        refused("parallelism: 0\n", "parallelism");
        refused("parallelism: many\n", "parallelism");
        refused("parallelism: \"4\"\n", "parallelism");
        refused("parallelism: 1.5\n", "parallelism");
        refused("healthzBindAddress: x\n", "unknown field \"healthzBindAddress\"");
        refused("percentageOfNodesToScore: 101\n", "percentageOfNodesToScore");
        refused("podInitialBackoffSeconds: 0\n", "podInitialBackoffSeconds");
        refused("podInitialBackoffSeconds: 30\n", "podMaxBackoffSeconds");
        refused("podMaxBackoffSeconds: 99999999999999999999\n", "podMaxBackoffSeconds");
        refused("leaderElection: {leaseDuration: soon}\n", "leaderElection.leaseDuration");
        refused("leaderElection: {leaseDuration: 5s}\n", "leaderElection.leaseDuration");
        refused("leaderElection: {resourceLock: endpoints}\n", "leaderElection.resourceLock");
        refused("leaderElection: []\n", "leaderElection");
        refused("profiles: [null]\n", "profiles[0]");
        refused("profiles: {}\n", "profiles");
        refused("profiles: [{schedulerName: a}, {schedulerName: a}]\n", "profiles[1].schedulerName: Duplicate value");
        refused("profiles: [{schedulerName: a}, {}]\n", "profiles[1].schedulerName: Required value");
        refused("profiles: [{schedulerName: 5}]\n", "profiles[0].schedulerName");
        refused("profiles: [{percentageOfNodesToScore: -1}]\n", "profiles[0].percentageOfNodesToScore");
        refused(
                "profiles: [{plugins: {filter: {enabled: [{nam: x}]}}}]\n",
                "profiles[0].plugins.filter.enabled[0].nam");
        refused("profiles: [{plugins: {filter: {enabled: [{}]}}}]\n", "profiles[0].plugins.filter.enabled[0].name");
        refused("profiles: [{plugins: {filters: {}}}]\n", "profiles[0].plugins.filters");
        refused(
                "profiles: [{schedulerName: a}, {schedulerName: b, plugins: {queueSort: {enabled: [{name: X}]}}}]\n",
                "profiles[1].plugins.queueSort");
        refused("profiles: [{plugins: {score: {enabled: [{name: EBSLimits}]}}}]\n", "score.enabled[0]");
        refused("parallelism: 1\nparallelism: 2\n", "arallelism");
        refused("profiles: &a [*a]\n", "aliases");
        refused("---\n---\n", "");
        argument("NodeResourcesFit", "{scoringStrategy: {type: Best}}", "scoringStrategy.type: Unsupported value");
        argument("NodeResourcesFit", "{scoringStrategy: {type: RequestedToCapacityRatio}}", "requestedToCapacityRatio");
        argument(
                "NodeResourcesFit",
                "{scoringStrategy: {type: RequestedToCapacityRatio, requestedToCapacityRatio: {shape:"
                        + " [{utilization: 5, score: 1}, {utilization: 5, score: 2}]}}}",
                "shape[1].utilization");
        argument(
                "NodeResourcesFit",
                "{scoringStrategy: {type: RequestedToCapacityRatio, requestedToCapacityRatio: {shape:"
                        + " [{utilization: 101, score: 1}]}}}",
                "shape[0].utilization");
        argument(
                "NodeResourcesFit",
                "{scoringStrategy: {resources: [{name: cpu, weight: 101}]}}",
                "resources[0].weight");
        argument("NodeResourcesFit", "{ignoredResources: ['a b']}", "ignoredResources[0]");
        argument("NodeResourcesFit", "{ignoredResourceGroups: [a/b]}", "ignoredResourceGroups[0]");
        argument("NodeResourcesFit", "{kind: OtherArgs}", "args.kind");
        argument("NodeResourcesFit", "{scoringStrategy: {typ: x}}", "args.scoringStrategy.typ");
        argument("NodeResourcesFit", "[]", "has to match plugin args");
        argument("NodeResourcesBalancedAllocation", "{resources: [{name: cpu, weight: 2}]}", "resources[0].weight");
        argument("NodeResourcesBalancedAllocation", "{resources: [{name: cpu}, {name: cpu}]}", "resources[1].name");
        argument("InterPodAffinity", "{hardPodAffinityWeight: 101}", "hardPodAffinityWeight");
        argument("PodTopologySpread", "{defaultingType: Some}", "defaultingType");
        argument(
                "PodTopologySpread",
                "{defaultConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}]}",
                "defaultingType");
        argument(
                "PodTopologySpread",
                "{defaultingType: List, defaultConstraints: [{maxSkew: 0, topologyKey: a, whenUnsatisfiable: x}]}",
                "defaultConstraints[0].maxSkew");
        argument(
                "PodTopologySpread",
                "{defaultingType: List, defaultConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable:"
                        + " DoNotSchedule, labelSelector: {}}]}",
                "labelSelector: Forbidden");
        argument("NodeAffinity", "{addedAffinity: {required: {}}}", "addedAffinity.required");
        argument(
                "NodeAffinity",
                "{addedAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, preference: {}}]}}",
                "[0].weight");
        argument(
                "NodeAffinity",
                "{addedAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{"
                        + "matchExpressions: [{key: a, operator: Has}]}]}}}",
                "matchExpressions[0].operator");
        argument("DefaultPreemption", "{minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0}", "zero");
        argument("VolumeBinding", "{bindTimeoutSeconds: -1}", "bindTimeoutSeconds");
        argument("VolumeBinding", "{shape: []}", "shape");
        argument("DynamicResources", "{bindingTimeout: 10ms}", "bindingTimeout");
        argument("DataLocality", "{volumesWeight: 0, dataSetsWeight: 0, imagesWeight: 0}", "volumesWeight");
        argument("Unknown", "{a: 1}", "pluginConfig[0].name");
        refused(
                "profiles: [{pluginConfig: [{name: VolumeBinding}, {name: VolumeBinding}]}]\n",
                "pluginConfig[1]: Duplicate value");
        extender("{urlPrefix: 'ftp://x'}", "extenders[0].urlPrefix");
        extender("{urlPrefix: 'http://x', prioritizeVerb: p}", "extenders[0].weight");
        extender("{urlPrefix: 'http://x', httpTimeout: 5}", "extenders[0].httpTimeout");
        extender("{urlPrefix: 'http://x', httpTimeout: -5s}", "extenders[0].httpTimeout");
        extender("{urlPrefix: 'http://x', httpTimeout: 5s5}", "extenders[0].httpTimeout");
        extender("{urlPrefix: 'http://x', httpTimeout: 99999999999h}", "extenders[0].httpTimeout");
        extender("{urlPrefix: 'http://x', managedResources: [{name: cpu}]}", "managedResources[0].name");
        extender(
                "{urlPrefix: 'http://x', managedResources: [{name: a.b/c}, {name: a.b/c}]}",
                "managedResources[1].name");
        extender("{urlPrefix: 'http://x', bindVerb: b}, {urlPrefix: 'http://y', bindVerb: b}", "only one extender");
        for (String text : List.of(
                "",
                "[]",
                "a",
                "kind: KubeSchedulerConfiguration",
                HEAD.replace("v1", "v1beta3"),
                "apiVersion: [1]\nkind: {}",
                "\u0000",
                "{".repeat(100_000))) {
            assertThrows(IllegalArgumentException.class, () -> ConfigurationFile.parse(text));
        }
    }

    private static void argument(String plugin, String args, String where) {
        refused("profiles: [{pluginConfig: [{name: " + plugin + ", args: " + args + "}]}]\n", where);
    }

    private static void extender(String extenders, String where) {
        refused("extenders: [" + extenders + "]\n", where);
    }

    private static void refused(String text, String where) {
        IllegalArgumentException problem =
                assertThrows(IllegalArgumentException.class, () -> ConfigurationFile.parse(HEAD + text), text);
        String said = String.valueOf(problem.getMessage());
        assertTrue(said.contains(where), () -> text + " is refused with: " + said);
    }

    @Test
    void aFileHasASizeThatItMustNotExceed() throws IOException {
        Path file = folder.resolve("large");
        Files.writeString(file, HEAD + "#".repeat(2 << 20));
        assertThrows(IllegalArgumentException.class, () -> ConfigurationFile.read(file));
    }

    @Test
    void whatHasNoEffectIsSaid() {
        assertEquals(List.of(), SchedulerConfiguration.defaults().warnings());
        assertEquals(
                List.of(
                        "parallelism: 32 has no effect: one thread decides, whatever it is, and bindings go on beside"
                                + " it",
                        "clientConnection.acceptContentTypes: application/vnd.kubernetes.protobuf has no effect:"
                                + " application/json is spoken with the API",
                        "clientConnection.contentType: application/vnd.kubernetes.protobuf has no effect:"
                                + " application/json is spoken with the API"),
                ConfigurationFile.parse(HEAD + """
                        parallelism: 32
                        clientConnection:
                          acceptContentTypes: application/vnd.kubernetes.protobuf
                          contentType: application/vnd.kubernetes.protobuf
                        """).warnings());
        assertEquals(List.of(), ConfigurationFile.parse(HEAD + """
                        parallelism: 16
                        clientConnection: {acceptContentTypes: "application/vnd.kubernetes.protobuf,application/json"}
                        """).warnings());
    }
}
