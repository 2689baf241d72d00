package io.keelson.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.keelson.agent.cri.FakeRuntime;
import io.keelson.agent.pods.ContainerEnvironment;
import io.keelson.agent.pods.ContainerImages;
import io.keelson.agent.pods.PodNames;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodResources;
import io.keelson.agent.pods.PodVolumes;
import io.keelson.agent.wire.cri.DNSConfig;
import io.keelson.agent.wire.cri.Device;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The other rooms, which do what a test says, and whose work outlives an agent. */
final class FakeRooms {
    private final FakeRuntime runtime;
    private final Set<String> mounted = ConcurrentHashMap.newKeySet();
    /** What all containers get of plugins from now on. */
    volatile PodResources.Devices devices = PodResources.Devices.NONE;

    /** How the devices of all containers are from now on. */
    volatile List<ResourceStatus> health = List.of();

    /** How often volumes were made, or brought up to date. */
    final AtomicInteger mounts = new AtomicInteger();

    private final Set<String> cgroups = ConcurrentHashMap.newKeySet();
    /** Images that cannot be had, and why. */
    final Map<String, PodProblem> missingImages = new ConcurrentHashMap<>();
    /** Why volumes cannot be made, by the pod's name. */
    final Map<String, PodProblem> missingVolumes = new ConcurrentHashMap<>();

    FakeRooms(FakeRuntime runtime) {
        this.runtime = runtime;
    }

    /** Whether nothing is left of any pod. */
    boolean isEmpty() {
        return mounted.isEmpty() && cgroups.isEmpty();
    }

    final PodVolumes volumes = new PodVolumes() {
        @Override
        public void mount(Pod pod) throws PodProblem {
            PodProblem problem = missingVolumes.get(pod.getMetadata().getName());
            if (problem != null) {
                throw problem;
            }
            mounted.add(pod.getMetadata().getUid());
            mounts.incrementAndGet();
        }

        @Override
        public List<Mount> mounts(Pod pod, Container container, Map<String, String> environment) {
            return List.of();
        }

        @Override
        public List<Device> devices(Pod pod, Container container) {
            return List.of();
        }

        @Override
        public List<Long> supplementalGroups(Pod pod) {
            return List.of();
        }

        @Override
        public void unmount(String podUid) {
            mounted.remove(podUid);
        }

        @Override
        public Set<String> podsWithVolumes() {
            return Set.copyOf(mounted);
        }

        @Override
        public Set<String> volumesInUse() {
            return Set.of();
        }
    };

    final ContainerImages images = new ContainerImages() {
        @Override
        public Image ensure(Pod pod, Container container, PodSandboxConfig sandbox) throws PodProblem {
            PodProblem problem = missingImages.get(container.getImage());
            if (problem != null) {
                throw problem;
            }
            synchronized (FakeRooms.this) {
                if (!runtime.images().has(container.getImage())) {
                    String _ = runtime.images().have(container.getImage(), 1000);
                }
            }
            return new Image(container.getImage(), "sha256:1");
        }
    };

    final ContainerEnvironment environment = new ContainerEnvironment() {
        @Override
        public Map<String, String> variables(Pod pod, Container container, List<String> podIps) {
            Map<String, String> all = new LinkedHashMap<>();
            for (EnvVar variable : OrEmpty.of(container.getEnv())) {
                all.put(variable.getName(), OrEmpty.of(variable.getValue()));
            }
            return all;
        }

        @Override
        public String expanded(String word, Map<String, String> variables) {
            String text = word;
            for (Map.Entry<String, String> variable : variables.entrySet()) {
                text = text.replace("$(" + variable.getKey() + ")", variable.getValue());
            }
            return text;
        }
    };

    final PodNames names = new PodNames() {
        @Override
        public String hostname(Pod pod) {
            return pod.getMetadata().getName();
        }

        @Override
        public DNSConfig dns(Pod pod) {
            return DNSConfig.newBuilder().addServers("10.96.0.10").build();
        }

        @Override
        public String hostsFile(Pod pod, List<String> podIps) {
            return podIps.getFirst() + ' ' + pod.getMetadata().getName() + '\n';
        }
    };

    final PodResources resources = new PodResources() {
        @Override
        public String cgroup(Pod pod) {
            cgroups.add(pod.getMetadata().getUid());
            return "/kubepods/pod" + pod.getMetadata().getUid();
        }

        @Override
        public boolean hasExclusiveCpus() {
            return false;
        }

        @Override
        public LinuxContainerResources ofContainer(Pod pod, Container container) {
            ResourceRequirements own = container.getResources();
            ResourceRequirements whole = pod.getSpec().getResources();
            long limit = milli(own == null ? null : own.getLimits());
            return LinuxContainerResources.newBuilder()
                    .setCpuShares(Math.max(2, milli(own == null ? null : own.getRequests()) * 1024 / 1000))
                    .setCpuQuota(100 * (limit > 0 || whole == null ? limit : milli(whole.getLimits())))
                    .build();
        }

        private static long milli(@Nullable Map<String, Quantity> amounts) {
            Quantity cpu = OrEmpty.of(amounts).get("cpu");
            return cpu == null ? 0 : Milli.of(cpu);
        }

        @Override
        public Devices devices(Pod pod, Container container) {
            return devices;
        }

        @Override
        public List<ResourceStatus> health(Pod pod, Container container) {
            return health;
        }

        @Override
        public LinuxContainerResources ofPod(Pod pod) {
            return LinuxContainerResources.getDefaultInstance();
        }

        @Override
        public void release(String podUid) {
            cgroups.remove(podUid);
        }

        @Override
        public Set<String> podsWithCgroups() {
            return Set.copyOf(cgroups);
        }
    };
}
