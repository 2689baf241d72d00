package io.keelson.agent.claims;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodResources;
import io.keelson.agent.wire.cri.CDIDevice;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Processors, memory and devices as another one has them, and claimed devices besides. */
public final class ClaimResources implements PodResources {
    private final PodResources others;
    private final NodeClaims claims;

    /** @param others all but claims */
    public ClaimResources(PodResources others, NodeClaims claims) {
        this.others = others;
        this.claims = claims;
    }

    /** Before the sandbox, and before anything is made for it that would have to be removed. */
    @Override
    public String cgroup(Pod pod) throws PodProblem {
        try {
            claims.prepare(pod);
        } catch (ClaimProblem e) {
            throw new PodProblem(
                    "ContainerCreating",
                    "FailedPrepareDynamicResources",
                    "Failed to prepare dynamic resources: " + e.message(),
                    e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        return others.cgroup(pod);
    }

    private static PodProblem interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new PodProblem("ContainerCreating", "", "interrupted while a DRA driver was asked", e);
    }

    @Override
    public boolean hasExclusiveCpus() {
        return others.hasExclusiveCpus();
    }

    @Override
    public LinuxContainerResources ofContainer(Pod pod, Container container) throws PodProblem {
        return others.ofContainer(pod, container);
    }

    @Override
    public LinuxContainerResources ofPod(Pod pod) {
        return others.ofPod(pod);
    }

    @Override
    public LinuxContainerResources overhead(Pod pod) {
        return others.overhead(pod);
    }

    @Override
    public Devices devices(Pod pod, Container container) throws PodProblem {
        Devices before = others.devices(pod, container);
        List<String> claimed;
        try {
            claimed = claims.of(pod, container);
        } catch (ClaimProblem e) {
            throw new PodProblem("CreateContainerConfigError", "Failed", e.message(), e);
        }
        if (claimed.isEmpty()) {
            return before;
        }
        List<CDIDevice> names = new ArrayList<>(before.names());
        for (String name : claimed) {
            if (names.stream().noneMatch(known -> known.getName().equals(name))) {
                names.add(CDIDevice.newBuilder().setName(name).build());
            }
        }
        return new Devices(before.devices(), before.mounts(), before.variables(), before.annotations(), names);
    }

    @Override
    public List<ResourceStatus> health(Pod pod, Container container) {
        List<ResourceStatus> all = new ArrayList<>(others.health(pod, container));
        all.addAll(claims.health(pod, container));
        return all;
    }

    @Override
    public void release(String podUid) throws PodProblem {
        others.release(podUid);
        try {
            claims.unprepare(podUid);
        } catch (ClaimProblem e) {
            throw new PodProblem("", "FailedUnprepareDynamicResources", e.message(), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public Set<String> podsWithCgroups() {
        Set<String> all = new HashSet<>(others.podsWithCgroups());
        all.addAll(claims.pods());
        return all;
    }
}
