/**
 * {@code keelson bench node}: how soon pods run. It creates pods through the API and watches until they are ready, as a user
 * would see it: one after the other, many at a steady rate, and a Deployment that is made and rolled out.
 */
@NullMarked
package io.keelson.benchmarks.node;

import org.jspecify.annotations.NullMarked;
