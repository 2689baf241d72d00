package io.keelson.apiserver.kinds;

import static io.keelson.apiserver.kinds.ApiGroup.ALL;
import static io.keelson.apiserver.kinds.ApiGroup.AUTOSCALING_1;

import io.keelson.apiserver.kinds.apps.ControllerRevisionStrategy;
import io.keelson.apiserver.kinds.apps.DaemonSetStrategy;
import io.keelson.apiserver.kinds.apps.DeploymentStrategy;
import io.keelson.apiserver.kinds.apps.ReplicaSetStrategy;
import io.keelson.apiserver.kinds.apps.StatefulSetStrategy;
import io.keelson.apiserver.kinds.autoscaling.AutoscalerConversion;
import io.keelson.apiserver.kinds.autoscaling.HorizontalPodAutoscalerStrategy;
import io.keelson.apiserver.kinds.batch.CronJobStrategy;
import io.keelson.apiserver.kinds.batch.JobStrategy;
import io.keelson.apiserver.kinds.policy.PodDisruptionBudgetStrategy;
import io.keelson.apiserver.printing.WorkloadColumns;
import io.keelson.apiserver.resource.Resource;
import java.util.List;

/** The kinds that run pods, and those that scale and protect what runs. */
final class WorkloadKinds {
    private static final ApiGroup APPS = new ApiGroup("apps", "v1");
    private static final ApiGroup BATCH = new ApiGroup("batch", "v1");
    private static final ApiGroup AUTOSCALING_2 = new ApiGroup("autoscaling", "v2");
    private static final ApiGroup POLICY = new ApiGroup("policy", "v1");

    private WorkloadKinds() {}

    static List<Resource> apps() {
        return List.of(
                APPS.kind("controllerrevisions", "ControllerRevision", WorkloadColumns.CONTROLLER_REVISIONS)
                        .strategy(new ControllerRevisionStrategy())
                        .build(),
                APPS.kind("daemonsets", "DaemonSet", WorkloadColumns.DAEMON_SETS)
                        .shortNames("ds")
                        .categories(ALL)
                        .subresource(APPS.status("DaemonSet"))
                        .strategy(new DaemonSetStrategy())
                        .build(),
                APPS.kind("deployments", "Deployment", WorkloadColumns.DEPLOYMENTS)
                        .shortNames("deploy")
                        .categories(ALL)
                        .subresource(APPS.status("Deployment"))
                        .subresource(ApiGroup.scale())
                        .strategy(new DeploymentStrategy())
                        .build(),
                APPS.kind("replicasets", "ReplicaSet", WorkloadColumns.REPLICA_SETS)
                        .shortNames("rs")
                        .categories(ALL)
                        .subresource(APPS.status("ReplicaSet"))
                        .subresource(ApiGroup.scale())
                        .strategy(new ReplicaSetStrategy())
                        .build(),
                APPS.kind("statefulsets", "StatefulSet", WorkloadColumns.STATEFUL_SETS)
                        .shortNames("sts")
                        .categories(ALL)
                        .subresource(APPS.status("StatefulSet"))
                        .subresource(ApiGroup.scale())
                        .strategy(new StatefulSetStrategy())
                        .build());
    }

    /** Version 2 is the preferred one, and the one that is stored. */
    static Resource autoscalers() {
        String kind = "HorizontalPodAutoscaler";
        AutoscalerConversion conversion = new AutoscalerConversion();
        return AUTOSCALING_2
                .kind("horizontalpodautoscalers", kind, WorkloadColumns.AUTOSCALERS)
                .version(AUTOSCALING_1.served(
                        kind,
                        ConvertedColumns.of(
                                WorkloadColumns.AUTOSCALERS, object -> conversion.convert(object, "v1", "v2"))))
                .shortNames("hpa")
                .categories(ALL)
                .subresource(AUTOSCALING_2.status(kind))
                .conversion(conversion)
                .strategy(new HorizontalPodAutoscalerStrategy())
                .build();
    }

    static List<Resource> batch() {
        return List.of(
                BATCH.kind("cronjobs", "CronJob", WorkloadColumns.CRON_JOBS)
                        .shortNames("cj")
                        .categories(ALL)
                        .subresource(BATCH.status("CronJob"))
                        .strategy(new CronJobStrategy())
                        .build(),
                BATCH.kind("jobs", "Job", WorkloadColumns.JOBS)
                        .categories(ALL)
                        .subresource(BATCH.status("Job"))
                        .strategy(new JobStrategy())
                        .build());
    }

    static Resource disruptionBudgets() {
        return POLICY.kind("poddisruptionbudgets", "PodDisruptionBudget", WorkloadColumns.DISRUPTION_BUDGETS)
                .shortNames("pdb")
                .subresource(POLICY.status("PodDisruptionBudget"))
                .strategy(new PodDisruptionBudgetStrategy())
                .build();
    }
}
