package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.volumes.PluginUsage.Amount;
import io.keelson.agent.volumes.csi.CsiDriver;
import io.keelson.agent.volumes.csi.CsiDrivers;
import io.keelson.agent.wire.csi.NodeGetVolumeStatsRequest;
import io.keelson.agent.wire.csi.NodeGetVolumeStatsResponse;
import io.keelson.agent.wire.csi.NodeServiceCapability.RPC;
import io.keelson.agent.wire.csi.VolumeUsage;
import io.keelson.controllers.runtime.Events;
import java.nio.file.Path;
import java.util.Optional;

/** Asks storage plugins what is used of their volumes, and how these do. */
final class CsiUsage {
    private final CsiDrivers drivers;
    private final Events events;

    /**
     * A volume that is published.
     *
     * @param path where it is for a pod
     */
    record Place(String driver, String handle, Path path) {
        static Place of(CsiNote note, Path path) {
            return new Place(note.driver(), note.handle(), path);
        }
    }

    CsiUsage(CsiDrivers drivers, Events events) {
        this.drivers = drivers;
        this.events = events;
    }

    /**
     * What is used of a volume of a pod; empty if its plugin does not tell that. Of one with which something is wrong the
     * pod's events tell.
     *
     * @param volume its name in the pod
     * @throws VolumeException if the plugin cannot say, or is not there
     */
    Optional<PluginUsage> of(Pod pod, String volume, Place place) throws VolumeException, InterruptedException {
        CsiDriver driver = drivers.get(place.driver());
        if (!driver.can(RPC.Type.GET_VOLUME_STATS)) {
            return Optional.empty();
        }
        NodeGetVolumeStatsResponse said = driver.usage(NodeGetVolumeStatsRequest.newBuilder()
                .setVolumeId(place.handle())
                .setVolumePath(place.path().toString())
                .build());
        Amount bytes = Amount.NOTHING;
        Amount inodes = Amount.NOTHING;
        for (VolumeUsage each : said.getUsageList()) {
            Amount amount = amount(each);
            switch (each.getUnit()) {
                case BYTES -> bytes = amount;
                case INODES -> inodes = amount;
                default ->
                    throw new VolumeException("driver " + place.driver() + " counts volume " + place.handle()
                            + " in unit " + each.getUnitValue() + ", which is none");
            }
        }
        if (!driver.can(RPC.Type.VOLUME_CONDITION) || !said.hasVolumeCondition()) {
            return Optional.of(new PluginUsage(bytes, inodes, Optional.empty()));
        }
        boolean isAbnormal = said.getVolumeCondition().getAbnormal();
        if (isAbnormal) {
            String why = said.getVolumeCondition().getMessage();
            events.warning(pod, "VolumeConditionAbnormal", "Volume " + volume + ": " + why);
        }
        return Optional.of(new PluginUsage(bytes, inodes, Optional.of(isAbnormal)));
    }

    /** There is no less than nothing, whatever a plugin says. */
    private static Amount amount(VolumeUsage said) {
        return new Amount(Math.max(0, said.getTotal()), Math.max(0, said.getAvailable()), Math.max(0, said.getUsed()));
    }
}
