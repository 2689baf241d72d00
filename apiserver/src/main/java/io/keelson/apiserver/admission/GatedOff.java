package io.keelson.apiserver.admission;

/**
 * A plugin that Kubernetes 1.36 has on by default and that does nothing there either, unless an alpha feature gate is on:
 * JobValidation, which looks at Jobs whose pods are scheduled as PodGroups ({@code WorkloadWithJob}), a gate that is off in
 * this server and cannot be switched. It is here so that flags that name it are understood.
 */
public record GatedOff(String name) implements AdmissionPlugin {}
