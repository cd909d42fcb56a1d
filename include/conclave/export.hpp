/// \file
/// What the shared library shows. Everything is compiled with hidden visibility; `CONCLAVE_API` stands before each class
/// with members defined in the library, and before each free function, of the public headers.
#pragma once

#define CONCLAVE_API __attribute__((visibility("default")))
