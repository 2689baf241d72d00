/**
 * Objects as JSON trees: parsing and writing them (JSON and YAML, with bounds on depth and size), reading and changing
 * the metadata they all have, and the small languages inside them: selectors, quantities, times.
 */
@NullMarked
package io.keelson.apiserver.object;

import org.jspecify.annotations.NullMarked;
