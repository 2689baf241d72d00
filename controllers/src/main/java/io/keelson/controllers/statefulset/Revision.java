package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;

/**
 * One of the two revisions that pods of a set may have.
 *
 * @param name of its ControllerRevision; pods carry it as a label
 * @param template what its pods are made from
 */
record Revision(String name, PodTemplateSpec template) {}
