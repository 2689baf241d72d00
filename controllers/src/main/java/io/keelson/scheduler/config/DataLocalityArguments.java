package io.keelson.scheduler.config;

/**
 * {@code DataLocalityArgs}, which Kubernetes does not have: how much each kind of data counts when nodes are compared.
 *
 * @param volumesWeight volumes that are bound to a place, from 0 to 100
 * @param dataSetsWeight data sets that pods and nodes name, from 0 to 100
 * @param imagesWeight images, from 0 to 100
 * @param annotation which annotation names data sets, on pods as on nodes
 */
public record DataLocalityArguments(
        Integer volumesWeight, Integer dataSetsWeight, Integer imagesWeight, String annotation)
        implements PluginArguments.Form {
    private static final int WEIGHT_MAX = 100;

    /** What counts if nothing is said. */
    public static final DataLocalityArguments DEFAULT =
            new DataLocalityArguments(1, 1, 1, "scheduling.keelson.io/data-sets");

    public DataLocalityArguments {
        volumesWeight = SchedulerConfiguration.or(volumesWeight, 1);
        dataSetsWeight = SchedulerConfiguration.or(dataSetsWeight, 1);
        imagesWeight = SchedulerConfiguration.or(imagesWeight, 1);
        annotation = SchedulerConfiguration.or(annotation, "scheduling.keelson.io/data-sets");
    }

    @Override
    public void check(String path) {
        Refused.requireRange(path + ".volumesWeight", volumesWeight, 0, WEIGHT_MAX);
        Refused.requireRange(path + ".dataSetsWeight", dataSetsWeight, 0, WEIGHT_MAX);
        Refused.requireRange(path + ".imagesWeight", imagesWeight, 0, WEIGHT_MAX);
        if (volumesWeight + dataSetsWeight + imagesWeight == 0) {
            throw Refused.invalid(path + ".volumesWeight", 0, "one of the weights must be greater than 0");
        }
        if (!Names.isQualified(annotation)) {
            throw Refused.invalid(path + ".annotation", annotation, "is no qualified name");
        }
    }
}
