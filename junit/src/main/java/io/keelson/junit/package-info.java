/**
 * A Kubernetes API server inside a test: {@link io.keelson.junit.KeelsonApi} on a test class starts one, and hands clients of
 * it to the test's parameters.
 *
 * <p>{@link io.keelson.junit.KeelsonExtension} keeps one {@link io.keelson.junit.SharedServer} for all classes of a run, in
 * memory and on a free port of loopback; what separates tests is a namespace for each ({@link
 * io.keelson.junit.TestNamespace}). Clients are made by {@link io.keelson.junit.Fabric8Client} and {@link
 * io.keelson.junit.OfficialClient}, which are not touched unless a test asks for theirs, so that each works without the
 * other's library.
 */
@NullMarked
package io.keelson.junit;

import org.jspecify.annotations.NullMarked;
