# What Conclave stands on, as Debian 12 packages it.

# Whoever links our targets from another folder must see theirs.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Capnp REQUIRED)
find_package(Asio REQUIRED)
find_package(Lmdb REQUIRED)
find_package(IsaL REQUIRED)
find_package(spdlog REQUIRED)
