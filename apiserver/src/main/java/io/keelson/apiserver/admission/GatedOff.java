package io.keelson.apiserver.admission;

/**
 * A plugin that Kubernetes 1.36 has on by default and that does nothing there either, unless an alpha feature gate is on:
 * PodGroupProtection and PodGroupWorkloadExists, which look at PodGroups ({@code GenericWorkload}), and JobValidation,
 * which looks at Jobs whose pods are scheduled as PodGroups ({@code GenericWorkload}, {@code WorkloadWithJob}). These gates
 * are off in this server and cannot be switched, and it serves no PodGroups and no Workloads, so that there is nothing for
 * these plugins to see. They are here so that flags that name them are understood.
 */
public record GatedOff(String name) implements AdmissionPlugin {}
