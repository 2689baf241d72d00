/**
 * What runs on the node and what it uses: for {@code /stats/summary}, {@code /metrics/resource} and
 * {@code /metrics/cadvisor} of the node's server, and for whoever judges pods by it.
 *
 * <pre>
 *   cgroups, /proc, file systems      the runtime      pods and their volumes
 *        └──────────────┬──────────────────┴───────────────────┘
 *          {@link io.keelson.agent.stats.NodeStatistics}   one look, shared by all who ask within some seconds
 *                       ▼
 *            {@link io.keelson.agent.stats.NodeUsage}      a value
 *                       ▼
 *          {@link io.keelson.agent.stats.StatisticsPages}  the same in the words of others:
 *            {@link io.keelson.agent.stats.SummaryText}, {@link io.keelson.agent.stats.ResourceMetrics}, {@link io.keelson.agent.stats.CadvisorMetrics},
 *            {@link io.keelson.agent.stats.VolumeMetrics}
 * </pre>
 *
 * <p>Figures are the kernel's: of the cgroup of a container, where it is found under that of its pod, and only else what
 * the runtime tells. How much volumes and logs take is counted file by file, by
 * {@link io.keelson.agent.stats.DiskMeter} on threads of its own, and is up to a minute old.
 */
@NullMarked
package io.keelson.agent.stats;

import org.jspecify.annotations.NullMarked;
