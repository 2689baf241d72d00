package io.keelson.controllers.podautoscaler;

import io.keelson.controllers.objects.Milli;
import java.util.Map;

/** Sets what pods use in relation to what they are to use. */
interface Gauge {
    /**
     * Reads it.
     *
     * @param values thousandths that pods use, by their names; not empty
     * @throws MetricException if none of the pods is known
     */
    Reading read(Map<String, Long> values) throws MetricException;

    /**
     * What a pod is taken to use that was not measured, where others use less than they are to: so much that it stays.
     */
    long highest(String pod);

    /**
     * What was read.
     *
     * @param ratio usage by target
     * @param utilization usage in percent of what was requested; 0 where it is not set in relation to that
     * @param averageMilli usage of a pod on average
     */
    record Reading(double ratio, int utilization, long averageMilli) {}

    /** Usage by an absolute target for each pod, in thousandths. */
    static Gauge absolute(long targetMilli) {
        return new Gauge() {
            @Override
            public Reading read(Map<String, Long> values) {
                long average = Milli.sum(values.values()) / values.size();
                return new Reading((double) average / targetMilli, 0, average);
            }

            @Override
            public long highest(String pod) {
                return targetMilli;
            }
        };
    }

    /**
     * Usage by a percentage of what pods request.
     *
     * @param requestsMilli what they request, by their names
     */
    static Gauge utilization(int targetPercent, Map<String, Long> requestsMilli) {
        return new Gauge() {
            @Override
            public Reading read(Map<String, Long> values) throws MetricException {
                double used = 0;
                double requested = 0;
                int known = 0;
                for (Map.Entry<String, Long> value : values.entrySet()) {
                    Long request = requestsMilli.get(value.getKey());
                    if (request != null) {
                        used += value.getValue();
                        requested += request;
                        known++;
                    }
                }
                if (requested == 0) {
                    throw new MetricException("no metrics returned matched known pods");
                }
                int percent = (int) (used * 100 / requested);
                return new Reading((double) percent / targetPercent, percent, (long) (used / known));
            }

            @Override
            public long highest(String pod) {
                return (long) ((double) requestsMilli.getOrDefault(pod, 0L) * Math.max(100, targetPercent) / 100);
            }
        };
    }
}
